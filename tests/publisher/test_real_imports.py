"""The real Open Science Catalog goes in, byte for byte, and only once."""

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real_data

FOLDERS = {
    "themes": "theme",
    "variables": "variable",
    "eo-missions": "mission",
    "projects": "project",
    "workflows": "workflow",
    "experiments": "experiment",
    "products": "product",
}
FILES = ("collection.json", "catalog.json", "record.json")
COUNTS = {
    "product": 333,
    "project": 200,
    "workflow": 14,
    "experiment": 7,
    "variable": 1207,
    "theme": 6,
    "mission": 81,
}
BATCH = 400


def entities_of(root: Path) -> list[dict[str, Any]]:
    found = []
    for folder, kind in FOLDERS.items():
        for path in sorted((root / folder).glob("*/*.json")):
            if path.name in FILES:
                text = path.read_bytes().decode("utf-8")
                beside = [p for p in path.parent.iterdir() if p.suffix != ".json"]
                attachments = [attachment(p) for p in sorted(beside)]
                found.append({"kind": kind, "document": text, "attachments": attachments})
    return found


def attachment(path: Path) -> dict[str, str]:
    content = base64.b64encode(path.read_bytes()).decode()
    media_type = {".yaml": "application/yaml", ".webp": "image/webp"}[path.suffix]
    return {"name": path.name, "media_type": media_type, "content": content, "encoding": "base64"}


async def send(publisher: Any, entities: list[dict[str, Any]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for start in range(0, len(entities), BATCH):
        body = {"source": "osc-2026-04-08", "entities": entities[start : start + BATCH]}
        answer = await publisher.steward.post("/imports", body)
        assert answer.status_code == 200, answer.text
        done = answer.json()
        assert done["failed"] == []
        total.update(imported=done["imported"], unchanged=done["unchanged"])
    return total


async def test_the_real_catalogue_is_imported_exactly_once(
    publisher: Any, real_catalogue: Path
) -> None:
    entities = entities_of(real_catalogue)
    assert await send(publisher, entities) == {"imported": 1848, "unchanged": 0}
    assert await send(publisher, entities) == {"imported": 0, "unchanged": 1848}
    assert await _listed(publisher) == COUNTS
    for start in range(0, len(entities), 500):
        await _same(publisher, entities[start : start + 500])


async def _listed(publisher: Any) -> Counter[str]:
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = (await publisher.anyone.get(f"/entities?limit=500&after={after}")).json()
        found += page["entities"]
        after = page["next"]
    assert [e["sequence"] for e in found] == sorted(e["sequence"] for e in found)
    return Counter(entity["kind"] for entity in found)


async def _same(publisher: Any, entities: list[dict[str, Any]]) -> None:
    """Byte for byte, in one answer and one by one."""
    refs = [{"kind": e["kind"], "id": json.loads(e["document"])["id"]} for e in entities]
    content = (await publisher.anyone.post("/documents", {"refs": refs})).content
    for entity in entities:
        assert b'"document":' + entity["document"].encode() + b"}" in content
    for ref, entity in list(zip(refs, entities, strict=True))[::50]:
        alone = await publisher.anyone.get(f"/entities/{ref['kind']}/{ref['id']}")
        assert alone.content == entity["document"].encode(), ref

"""Import a tree into a deployment: entities through the publisher, Items into the catalogue."""

import base64
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from earthcode_local.api import Api, Refused, console
from earthcode_local.osc.tree import Entity, media_type

CHUNK = 100
CHUNK_BYTES = 6_000_000
SERVED_WITHIN = 120.0


@dataclass
class Report:
    imported: int = 0
    unchanged: int = 0
    items: int = 0
    failed: list[str] = field(default_factory=list)
    findings: Counter[str] = field(default_factory=Counter)


def transfer(api: Api, entities: list[Entity], source: str) -> Report:
    """Import everything and wait until it is served."""
    report = Report()
    refused: set[int] = set()
    sent = 0
    with _progress() as progress:
        task = progress.add_task("entities", total=len(entities))
        for chunk in _chunks(entities):
            refused |= {sent + place for place in _import(api, chunk, source, report)}
            sent += len(chunk)
            progress.advance(task, len(chunk))
        entities = [one for place, one in enumerate(entities) if place not in refused]
        task = progress.add_task("served", total=len(entities))
        _await_served(api, entities, lambda done: progress.update(task, completed=done))
        with_items = [entity for entity in entities if entity.items]
        task = progress.add_task("items", total=sum(len(e.items) for e in with_items))
        for entity in with_items:
            _import_items(api, entity, report)
            progress.advance(task, len(entity.items))
    return report


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)


def _chunks(entities: list[Entity]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    size = 0
    for entity in entities:
        member = _member(entity)
        weight = len(member["document"]) + sum(len(a["content"]) for a in member["attachments"])
        if chunk and (len(chunk) >= CHUNK or size + weight > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(member)
        size += weight
    if chunk:
        yield chunk


def _member(entity: Entity) -> dict[str, Any]:
    attachments = [
        {
            "name": path.name,
            "media_type": media_type(path),
            "encoding": "base64",
            "content": base64.b64encode(path.read_bytes()).decode(),
        }
        for path in entity.attachments
    ]
    return {"kind": entity.kind, "document": entity.text, "attachments": attachments}


def _import(api: Api, chunk: list[dict[str, Any]], source: str, report: Report) -> set[int]:
    """The places in ``chunk`` of those that were refused."""
    answer = api.ask("/publish/imports", json={"source": source, "entities": chunk}).json()
    report.imported += answer["imported"]
    report.unchanged += answer["unchanged"]
    report.findings.update(answer.get("findings", {}))
    failed = answer.get("failed", [])
    for one in failed:
        report.failed.append(f"{one['kind']}/{one['id']}: {one['problem']['detail']}")
    return {one["index"] for one in failed}


def _await_served(api: Api, entities: list[Entity], tell: Any) -> None:
    """Until every entity can be fetched from its projection; Refused when it takes too long."""
    waiting = {_address(entity) for entity in entities}
    total, deadline = len(waiting), time.monotonic() + SERVED_WITHIN
    while waiting:
        # Projections follow the ledger's order, so the last one that is there vouches for many.
        gone = set()
        for path in sorted(waiting):
            if not api.found(path):
                break
            gone.add(path)
        waiting -= gone
        tell(total - len(waiting))
        if waiting and not gone:
            if time.monotonic() > deadline:
                raise Refused(f"{len(waiting)} entities are not served yet, e.g. {min(waiting)}")
            time.sleep(0.2)


def _address(entity: Entity) -> str:
    key = quote(entity.id, safe="")
    places = {
        "product": "/stac/catalogs/products/collections/",
        "project": "/stac/catalogs/projects/collections/",
        "theme": "/stac/catalogs/themes/catalogs/",
        "variable": "/stac/catalogs/variables/catalogs/",
        "mission": "/stac/catalogs/eo-missions/catalogs/",
        "workflow": "/records/collections/workflows/items/",
        "experiment": "/records/collections/experiments/items/",
    }
    return places[entity.kind] + key


def _import_items(api: Api, entity: Entity, report: Report) -> None:
    lines = b"\n".join(_one_line(path) for path in entity.items)
    headers = {"Content-Type": "application/x-ndjson"}
    path = f"/stac/collections/{quote(entity.id, safe='')}/bulk_items"
    answer = api.ask(path, content=lines, headers=headers).json()
    report.items += len(entity.items) - len(answer.get("errors", []))
    for error in answer.get("errors", []):
        report.failed.append(f"item in {entity.id}: {error}")


def _one_line(path: Path) -> bytes:
    # Outside strings JSON has no meaningful line breaks, inside they are escaped: nothing is lost.
    text = path.read_text("utf-8")
    json.loads(text)
    return b" ".join(line.strip() for line in text.encode().splitlines())


def show(report: Report) -> None:
    console.print(
        f"\n[bold]{report.imported}[/] imported, {report.unchanged} unchanged,"
        f" {report.items} Items, [bold]{len(report.failed)}[/] failed"
    )
    for line in report.failed[:20]:
        console.print(f"  [red]failed[/] {escape(line)}", markup=True)
    if report.findings:
        console.print(
            f"{report.findings.total()} findings (an import reports, it does not refuse):"
        )
    for rule, count in report.findings.most_common():
        console.print(f"  {count:6}  {rule}")

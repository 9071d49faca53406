"""Write what a deployment has published as a tree of the Open Science Catalog."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from earthcode_local.api import Api
from earthcode_local.osc.tree import PLACES, place_of

TITLES = {
    "projects": "Projects",
    "themes": "Themes",
    "variables": "Variables",
    "eo-missions": "EO Missions",
    "products": "Products",
    "workflows": "Workflows",
    "experiments": "Experiments",
}
ROOT_TITLE = "Open Science Catalog"
BATCH = 200


def export(api: Api, root: Path) -> int:
    """Documents as they were submitted, with attachments, Items and the catalogues above them."""
    titles: dict[str, list[tuple[str, str]]] = {folder: [] for folder in TITLES}
    count = 0
    for batch in _batches(api):
        for entity in _documents(api, batch):
            _write_entity(api, root, entity)
            folder, _ = PLACES[entity["kind"]]
            titles[folder].append((entity["id"], entity["title"]))
            count += 1
    for folder, children in titles.items():
        _write(root / folder / "catalog.json", _kind_catalog(folder, sorted(children)))
    _write(root / "catalog.json", _root_catalog())
    return count


def _batches(api: Api) -> Iterator[list[dict[str, Any]]]:
    after: Any = ""
    while after is not None:
        query = {"limit": BATCH} | ({"after": after} if after != "" else {})
        page = api.get("/publish/entities", params=query).json()
        yield page["entities"]
        after = page.get("next")


def _documents(api: Api, batch: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The batch with each entity's text, exactly as it was submitted, and its attachments."""
    for entity in batch:
        path = f"/publish/entities/{entity['kind']}/{quote(entity['id'])}"
        version = api.get(f"{path}/versions").json()["versions"][-1]
        yield entity | {"text": api.get(path).content, "attachments": version["attachments"]}


def _write_entity(api: Api, root: Path, entity: dict[str, Any]) -> None:
    path = root / place_of(entity["kind"], entity["id"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(entity["text"])
    for attachment in entity["attachments"]:
        content = api.get(attachment["href"].removeprefix(api.url)).content
        (path.parent / Path(attachment["name"]).name).write_bytes(content)
    if entity["kind"] == "product":
        _write_items(api, path.parent, entity["id"])


def _write_items(api: Api, folder: Path, product: str) -> None:
    href: str | None = f"/stac/collections/{quote(product)}/items?limit=100"
    while href:
        page = api.get(href.removeprefix(api.url)).json()
        for item in page["features"]:
            _write(folder / f"{item['id']}.json", _relative(item))
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)


def _relative(item: dict[str, Any]) -> dict[str, Any]:
    generated = {"self", "root", "parent", "collection"}
    kept = [link for link in item.get("links", []) if link.get("rel") not in generated]
    up = [
        {"rel": rel, "href": "./collection.json", "type": "application/json"}
        for rel in ("collection", "parent")
    ]
    return item | {"links": up + kept}


def _kind_catalog(folder: str, children: list[tuple[str, str]]) -> dict[str, Any]:
    kind = next(kind for kind, (name, _) in PLACES.items() if name == folder)
    rel = "item" if kind in ("workflow", "experiment") else "child"
    links = [
        _link("root", "../catalog.json", ROOT_TITLE),
        _link("parent", "../catalog.json", ROOT_TITLE),
    ]
    for id, title in children:
        links.append(_link(rel, f"./{id}/{PLACES[kind][1]}", title))
    return _catalog(folder, TITLES[folder], links)


def _root_catalog() -> dict[str, Any]:
    links = [_link("root", "./catalog.json", ROOT_TITLE)]
    links += [_link("child", f"./{folder}/catalog.json", title) for folder, title in TITLES.items()]
    return _catalog("osc", ROOT_TITLE, links)


def _catalog(id: str, title: str, links: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "type": "Catalog",
        "id": id,
        "stac_version": "1.0.0",
        "title": title,
        "description": title,
        "links": links,
    }


def _link(rel: str, href: str, title: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": "application/json", "title": title}


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")

"""Which page shows a document, and with what. Nothing here trusts the shape of a document."""

from collections.abc import Mapping
from typing import Any

from earthcode_common.html import worldmap
from earthcode_common.html.frame import Frame, crumbs, href_of, links_of, paging
from earthcode_common.html.loose import listed, mapping, mappings, text, texts

STRUCTURAL = (
    "self",
    "root",
    "parent",
    "collection",
    "items",
    "children",
    "next",
    "prev",
    "alternate",
)
LISTS = {"collections": "Collections", "catalogs": "Catalogs", "children": "Children"}
COLLECTION_KNOWN = (
    *("type", "id", "title", "description", "links", "assets", "extent", "keywords"),
    *("stac_version", "stac_extensions", "providers"),
)
View = tuple[str, dict[str, Any]]


def view(document: Any, frame: Frame) -> View:
    if not isinstance(document, Mapping):
        return _data({"value": document}, frame)
    if document.get("type") == "Catalog" and "conformsTo" in document:
        return _landing(document, frame)
    if document.get("type") in PAGES:
        return PAGES[document["type"]](document, frame)
    name = next((name for name in LISTS if isinstance(document.get(name), list)), None)
    return _list(document, frame, name) if name else _data(document, frame)


def _landing(document: Mapping[str, Any], frame: Frame) -> View:
    rels = ("data", "search", "catalogs", "children", "conformance", "service-desc", "service-doc")
    return "landing.html", _common(document, frame) | {
        "crumbs": [],
        "root": frame.root,
        "catalogs": [one for one in links_of(document) if one["rel"] == "child"],
        "others": [
            one for one in _others(document, but=("child", *STRUCTURAL)) if one["rel"] not in rels
        ],
        "doors": [one for one in links_of(document) if one["rel"] in rels and _is_get(one)],
        "asked": {},
    }


def _is_get(link: Mapping[str, str]) -> bool:
    return link["method"] in ("", "GET")


def _collection(document: Mapping[str, Any], frame: Frame) -> View:
    extent = mapping(document.get("extent"))
    more = {name: one for name, one in document.items() if name not in COLLECTION_KNOWN}
    return "collection.html", _common(document, frame) | {
        "map": worldmap.of_boxes(mapping(extent.get("spatial")).get("bbox")),
        "boxes": listed(mapping(extent.get("spatial")).get("bbox")),
        "intervals": listed(mapping(extent.get("temporal")).get("interval")),
        "keywords": texts(document.get("keywords")),
        "providers": [one for one in listed(document.get("providers")) if isinstance(one, Mapping)],
        "items": href_of(document, "items"),
        "assets": _assets(document),
        "groups": _groups(document),
        "facts": more,
    }


def _item(document: Mapping[str, Any], frame: Frame) -> View:
    properties = mapping(document.get("properties"))
    hidden = ("title", "description", "datetime", "start_datetime", "end_datetime")
    known = ("type", "id", "links", "assets", "geometry", "bbox", "properties", "stac_version")
    return "item.html", _common(document, frame) | {
        "title": text(properties.get("title")) or text(document.get("id")),
        "summary": text(properties.get("description")),
        "description": properties.get("description"),
        "map": worldmap.of_geometries([document.get("geometry")]),
        "bbox": listed(document.get("bbox")),
        "time": _time(properties),
        "assets": _assets(document),
        "groups": _groups(document),
        "facts": {name: one for name, one in properties.items() if name not in hidden},
        "more": {name: one for name, one in document.items() if name not in known},
    }


def _time(properties: Mapping[str, Any]) -> list[Any]:
    moment = properties.get("datetime")
    if moment is not None:
        return [moment, moment]
    return [properties.get("start_datetime"), properties.get("end_datetime")]


def _catalog(document: Mapping[str, Any], frame: Frame) -> View:
    known = ("type", "id", "title", "description", "links", "stac_version", "stac_extensions")
    paged = ("data", "catalogs", "children")
    return "catalog.html", _common(document, frame) | {
        "children": [one for one in links_of(document) if one["rel"] == "child"],
        "pages": [
            one for one in links_of(document) if one["rel"] in ("data", "catalogs", "children")
        ],
        "groups": _groups(document, but=("child", *paged)),
        "facts": {name: one for name, one in document.items() if name not in known},
    }


def _list(document: Mapping[str, Any], frame: Frame, name: str) -> View:
    each = [_entry(one) for one in mappings(document[name])]
    own = href_of(document, "parent")
    title = LISTS[name]
    if own and own != frame.root:
        title = f"{title} of {own.rpartition('/')[2]}"
    return "list.html", _common(document, frame) | {
        "title": title,
        "entries": each,
        "page": paging(document, len(each), frame),
        "asked": dict(frame.asked),
        "action": frame.here,
        "searchable": frame.path not in ("/stac/catalogs", "/stac/children"),
    }


def _entry(document: Mapping[str, Any]) -> dict[str, Any]:
    extent = mapping(document.get("extent"))
    intervals = listed(mapping(extent.get("temporal")).get("interval"))
    return {
        "href": href_of(document, "self"),
        "title": text(document.get("title")) or text(document.get("id")),
        "kind": text(document.get("osc:type")) or text(document.get("type")),
        "description": document.get("description"),
        "time": intervals[0] if intervals else None,
    }


def _features(document: Mapping[str, Any], frame: Frame) -> View:
    each = mappings(document.get("features"))
    collection = href_of(document, "collection")
    name = collection.rpartition("/")[2]
    return "items.html", _common(document, frame) | {
        "title": f"Items of {name}" if collection else "Items",
        "map": worldmap.of_geometries(one.get("geometry") for one in each),
        "rows": [_row(one) for one in each],
        "page": paging(document, len(each), frame),
        "asked": dict(frame.asked),
        "action": frame.here,
        "with_collection": not collection,
    }


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    properties = mapping(document.get("properties"))
    return {
        "href": href_of(document, "self"),
        "id": text(document.get("id")),
        "title": text(properties.get("title")),
        "collection": text(document.get("collection")),
        "collection_href": href_of(document, "collection"),
        "time": _time(properties),
        "assets": len(mapping(document.get("assets"))),
    }


def _data(document: Mapping[str, Any], frame: Frame) -> View:
    return "data.html", _common(document, frame) | {
        "title": text(document.get("title")) or frame.path.rpartition("/")[2].capitalize(),
        "facts": {name: one for name, one in document.items() if name != "links"},
        "others": _others(document),
    }


def _common(document: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    return {
        "id": text(document.get("id")),
        "title": text(document.get("title")) or text(document.get("id")),
        "summary": text(document.get("description")),
        "description": document.get("description"),
        "kind": text(document.get("osc:type")) or text(document.get("type")),
        "crumbs": crumbs(document, frame),
    }


def _others(document: Mapping[str, Any], but: tuple[str, ...] = STRUCTURAL) -> list[dict[str, Any]]:
    return [one for one in links_of(document) if one["rel"] not in but]


def _groups(document: Mapping[str, Any], but: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """Links by what they lead to: parts of this catalogue first, then all others."""
    found: dict[str, list[Any]] = {}
    names = {"child": "Products", "related": "Related", "item": "Items"}
    for one in _others(document, but=(*STRUCTURAL, *but)):
        found.setdefault(names.get(one["rel"], "Links"), []).append(one)
    return {
        name: found[name] for name in ("Products", "Items", "Related", "Links") if name in found
    }


def _assets(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    each = mapping(document.get("assets")).items()
    return [
        {
            "key": key,
            **{name: text(one.get(name)) for name in ("href", "title", "type", "description")},
            "roles": ", ".join(texts(one.get("roles"))),
        }
        for key, one in each
        if isinstance(one, Mapping)
    ]


PAGES = {
    "Collection": _collection,
    "Catalog": _catalog,
    "Feature": _item,
    "FeatureCollection": _features,
}

"""Pages of the landing page, of what is conformed to, and of the catalogues."""

from collections.abc import Mapping
from typing import Any

from earthcode_common.html import worldmap
from earthcode_common.html.frame import Frame, crumbs, href_of, links_of, paging
from earthcode_common.html.loose import listed, mapping, mappings, text, texts

from records_api.domain.catalog import CATALOG_REL
from records_api.representations import schema_org_catalog

View = tuple[str, dict[str, Any]]
SHOWN = ("id", "title", "description", "keywords", "extent", "links", "collections")


def landing(document: Mapping[str, Any], frame: Frame) -> View:
    links = links_of(document)
    found = [one for one in links if one["rel"] == CATALOG_REL]
    return "landing.html", _about(document, frame) | {
        "catalogs": [one for one in found if one["href"].endswith("/items")],
        "action": f"{frame.root}/collections/workflows/items",
        "sitemap": f"{frame.root}/sitemap.xml",
        "schema_org": schema_org_catalog.catalog(document, frame.public_url),
        "links": [one for one in links if one["rel"] not in ("self", "alternate")],
    }


def data(document: Mapping[str, Any], frame: Frame) -> View:
    """Whatever has no page of its own: all its members, and its links."""
    return "data.html", _about(document, frame) | {
        "title": text(document.get("title")) or frame.path.rpartition("/")[2].capitalize(),
        "facts": {name: one for name, one in document.items() if name != "links"},
        "others": links_of(document),
    }


def document(found: Mapping[str, Any], frame: Frame) -> View:
    if "collections" in found:
        return _collections(found, frame)
    return data(found, frame)


def _collections(document: Mapping[str, Any], frame: Frame) -> View:
    each = [_about(one, frame) | _catalog(one) for one in mappings(document["collections"])]
    return "collections.html", _about(document, frame) | {
        "entries": each,
        "page": paging(document, len(each), frame),
        "asked": dict(frame.asked),
        "action": frame.here,
        "links": links_of(document),
        "facts": {name: one for name, one in document.items() if name not in SHOWN},
    }


def catalog(document: Mapping[str, Any], frame: Frame) -> View:
    """A catalogue to be searched, or one to be crawled: a list of links to its members."""
    members = [one for one in links_of(document) if one["rel"] in ("item", "child")]
    return "catalog.html", _about(document, frame) | _catalog(document) | {
        "members": members,
        "schema_org": schema_org_catalog.catalog(document, frame.public_url),
        "page": paging(document, len(members), frame),
    }


def _catalog(document: Mapping[str, Any]) -> dict[str, Any]:
    extent = mapping(document.get("extent"))
    boxes = mapping(extent.get("spatial")).get("bbox")
    return {
        "href": href_of(document, "self"),
        "map": worldmap.of_boxes(boxes),
        "boxes": listed(boxes),
        "intervals": listed(mapping(extent.get("temporal")).get("interval")),
        "keywords": texts(document.get("keywords")),
        "items": href_of(document, "items"),
        "links": [one for one in links_of(document) if one["rel"] not in ("item", "child")],
        "facts": {name: one for name, one in document.items() if name not in SHOWN},
    }


def _about(document: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    return {
        "id": text(document.get("id")),
        "title": text(document.get("title")) or text(document.get("id")),
        "summary": text(document.get("description")),
        "description": document.get("description"),
        "crumbs": crumbs(document, frame) if frame.path.rstrip("/") != frame.site.prefix else [],
    }

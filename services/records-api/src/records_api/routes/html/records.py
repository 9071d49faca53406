"""Pages of records: one, and the list that a search finds."""

from collections.abc import Iterator, Mapping
from typing import Any

from earthcode_common.html import worldmap
from earthcode_common.html.frame import Frame, crumbs, href_of, links_of, paging
from earthcode_common.html.loose import listed, mapping, mappings, text, texts
from earthcode_common.ogc.entities import FOLDERS

from records_api.domain.catalog import COLLECTIONS
from records_api.domain.records import DERIVED
from records_api.representations import schema_org

TITLES = {FOLDERS[kind]: about.title for kind, about in COLLECTIONS.items()}
View = tuple[str, dict[str, Any]]
# Shown in a place of their own; all other members and properties are listed.
PROPERTIES = ("title", "description", "type", "keywords", "contacts")
MEMBERS = ("id", "type", "properties", "geometry", "links", "time", DERIVED)
GENERATED = ("self", "alternate", "root", "parent", "collection", "profile")
MAX_GEOMETRY = 20_000  # characters
ORDERS = {
    "": "Newest first",
    "-updated": "Last changed",
    "title": "Title",
    "relevance": "Relevance",
}
FIELDS = ("q", "bbox", "datetime", "sortby")
PAGING = ("limit", "offset", "token", "facets", "f", "profile")


def record(document: Mapping[str, Any], frame: Frame) -> View:
    properties, geometry = mapping(document.get("properties")), document.get("geometry")
    return "record.html", _entry(document) | {
        "crumbs": named(crumbs(document, frame)),
        "summary": text(properties.get("description")),
        "map": worldmap.of_geometries([geometry]),
        "geometry": geometry,
        "most": MAX_GEOMETRY,
        "contacts": [_contact(one) for one in mappings(properties.get("contacts"))],
        "derived": _derived(document),
        "facts": {name: one for name, one in properties.items() if name not in PROPERTIES},
        "more": {name: one for name, one in document.items() if name not in MEMBERS},
        "schema_org": schema_org.record(document, frame.public_url),
    }


def named(found: list[dict[str, str]]) -> list[dict[str, str]]:
    """The catalogues by their titles; a link to one has its id at the end."""
    return [one | {"title": TITLES.get(one["title"], one["title"])} for one in found]


def _entry(document: Mapping[str, Any]) -> dict[str, Any]:
    properties, links = mapping(document.get("properties")), links_of(document)
    id = text(document.get("id"))
    return {
        "id": id,
        "href": href_of(document, "self"),
        "title": text(properties.get("title")) or id,
        "kind": text(properties.get("type")),
        "description": properties.get("description"),
        "keywords": texts(properties.get("keywords")),
        "time": _time(document.get("time")),
        "resolution": text(mapping(document.get("time")).get("resolution")),
        "related": [one for one in links if one["rel"] == "related"],
        "content": [one for one in links if one["rel"] not in ("related", *GENERATED)],
        "generated": [one for one in links if one["rel"] in GENERATED],
        "links": links,
    }


def _time(time: Any) -> list[Any]:
    """[start, end] for ``span``, None for an open end; empty without time."""
    members = mapping(time)
    one = members.get("timestamp") or members.get("date")
    pair = [one, one] if one else listed(members.get("interval"))
    return [None if end == ".." else end for end in pair] if len(pair) == 2 else []


def _contact(contact: Mapping[str, Any]) -> dict[str, Any]:
    known = ("name", "organization", "roles", "links", "emails")
    return {
        "name": text(contact.get("name")) or text(contact.get("organization")),
        "organization": text(contact.get("organization")) if contact.get("name") else "",
        "roles": texts(contact.get("roles")),
        "emails": [text(one.get("value")) for one in mappings(contact.get("emails"))],
        "links": links_of(contact),
        "more": {name: one for name, one in contact.items() if name not in known},
    }


def _derived(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was not submitted, and what it was derived from."""
    return [
        {
            "member": text(one.get("member")).removeprefix("properties."),
            "sources": [dict(source) for source in mappings(one.get("from"))],
        }
        for one in mappings(document.get(DERIVED))
    ]


def records(document: Mapping[str, Any], frame: Frame) -> View:
    each, asked = mappings(document.get("features")), dict(frame.asked)
    collection = href_of(document, "collection")
    name = collection.rpartition("/")[2]
    return "records.html", {
        "title": TITLES.get(name, name),
        "summary": f"{TITLES.get(name, name)} of the EarthCODE community",
        "crumbs": named(crumbs(document, frame)),
        "map": worldmap.of_geometries(one.get("geometry") for one in each),
        "entries": [_entry(one) | {"document": _rest(one)} for one in each],
        "page": paging(document, len(each), frame),
        "asked": asked,
        "kept": [(k, v) for k, v in frame.asked if k not in (*FIELDS, "token", "offset", "f")],
        "chosen": list(_chosen(frame)),
        "orders": ORDERS,
        "facets": list(_facets(mapping(document.get("facets")), frame)),
        "action": frame.here,
        "links": links_of(document),
        "stamp": document.get("timeStamp"),
    }


def _rest(document: Mapping[str, Any]) -> dict[str, Any]:
    """All that a record in a list says, without its links, which are listed as such."""
    return {name: one for name, one in document.items() if name not in ("links", "type")}


def _chosen(frame: Frame) -> Iterator[dict[str, str]]:
    """The conditions that hold, and the search without each of them."""
    gone: dict[str, str | None] = {"token": None, "offset": None}
    for name, value in frame.asked:
        if name not in (*PAGING, "sortby"):
            yield {"name": name, "value": value, "without": frame.without(name, **gone)}


def _facets(facets: Mapping[str, Any], frame: Frame) -> Iterator[dict[str, Any]]:
    """Each bucket with the address of the search that finds its records."""
    for name, facet in facets.items():
        property = text(mapping(facet).get("property"))
        buckets = [_bucket(property, one, frame) for one in mappings(mapping(facet).get("buckets"))]
        if buckets:
            most = max(one["count"] for one in buckets)
            yield {
                "name": name,
                "years": "year" in buckets[0],
                "buckets": buckets,
                "most": most,
                "more": bool(mapping(facet).get("more")),
            }


def _bucket(property: str, bucket: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    gone: dict[str, str | None] = {"token": None, "offset": None}
    if "min" in bucket:
        span = f"{bucket['min']}/{bucket['max']}"
        href = frame.with_parameters(**{"datetime": span, "match-missing": "false"} | gone)
        return {"year": bucket["min"][:4], "count": bucket["count"], "href": href}
    href = frame.with_parameters(**{property: text(bucket.get("value"))} | gone)
    return {"value": bucket.get("value"), "count": bucket["count"], "href": href}

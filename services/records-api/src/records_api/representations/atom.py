"""Records as Atom (RFC 4287) with GeoRSS, and pages as feeds with OpenSearch's numbers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import shapely
from earthcode_common.ogc.datetimes import format_instant

from records_api.representations import agents, places, values, xml
from records_api.representations.agents import Agent
from records_api.representations.facts import Facts, facts
from records_api.representations.format import Context, Format, of_json
from records_api.representations.xml import Element, child, element

FEED, ENTRY = "application/atom+xml", "application/atom+xml;type=entry"
NAMESPACES = {
    "xmlns": "http://www.w3.org/2005/Atom",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:georss": "http://www.georss.org/georss",
    "xmlns:opensearch": "http://a9.com/-/spec/opensearch/1.1/",
}
PUBLISHER = "EarthCODE"
NOBODY = Agent("", PUBLISHER, None, None, None, None, ())
UNKNOWN = "1970-01-01T00:00:00Z"  # atom:updated is mandatory; some documents say no date at all
SUBJECTS = ("theme", "variable", "mission")
NOT_IN_ID = ("f", "token", "limit", "offset")


def entry(document: dict[str, Any], context: Context) -> bytes:
    root = element("entry", **NAMESPACES)
    _fill(root, facts(document, context.public_url))
    return xml.document(root)


def feed(document: dict[str, Any], context: Context) -> bytes:
    found = [facts(one, context.public_url) for one in document["features"]]
    links = values.mappings(document.get("links"))
    collection = next((x["href"] for x in links if x["rel"] == "collection"), context.here)
    root = element("feed", **NAMESPACES)
    child(root, "id", _id(context))
    child(root, "title", f"EarthCODE {collection.rpartition('/')[2]}")
    child(root, "updated", max((_updated(one) for one in found), default=UNKNOWN))
    child(child(root, "author"), "name", PUBLISHER)
    for one in links:
        if one["rel"] in ("self", "next", "alternate"):
            _link(root, one["rel"], one["href"], one.get("type"), one.get("title"))
    if "numberMatched" in document:
        child(root, "opensearch:totalResults", str(document["numberMatched"]))
    child(root, "opensearch:itemsPerPage", str(len(found)))
    for said in found:
        _fill(child(root, "entry"), said)
    return xml.document(root)


def _id(context: Context) -> str:
    """The same for all pages of one search, in whatever order its parameters are."""
    asked = sorted(f"{key}={value}" for key, value in context.asked if key not in NOT_IN_ID)
    return values.iri("?".join([context.here, "&".join(asked)]).rstrip("?")) or context.here


def _fill(root: Element, said: Facts) -> None:
    child(root, "id", said.here)
    child(root, "title", said.title, type="text")
    child(root, "updated", _updated(said))
    if said.created:
        child(root, "published", format_instant(said.created))
    for one in agents.creators(said.agents) or [agents.publisher(said.agents) or NOBODY]:
        _person(root, "author", one)
    child(root, "summary", said.description, type="text")
    for keyword in said.keywords:
        child(root, "category", term=keyword)
    for about in said.relatives(*SUBJECTS):
        scheme = about.href.rpartition("/catalogs/")[0]
        child(root, "category", term=about.id, scheme=scheme, label=about.title)
    if said.license:
        child(root, "rights", said.license.name, type="text")
    for rel, href, media, title in _links(said):
        _link(root, rel, href, media, title)
    _place_and_time(root, said)


def _updated(said: Facts) -> str:
    moment: datetime | None = said.updated or said.created
    return format_instant(moment) if moment else UNKNOWN


def _person(root: Element, name: str, one: Agent) -> None:
    person = child(root, name)
    child(person, "name", one.label)
    if address := one.orcid or one.url:
        child(person, "uri", address)
    if one.email:
        child(person, "email", one.email)


def _links(said: Facts) -> Iterator[tuple[str, str, str | None, str]]:
    """Relations that Atom knows; only one alternate of each media type (RFC 4287, 4.1.1)."""
    yield "self", f"{said.here}?f=atom", ENTRY, ""
    yield "alternate", said.here, "application/geo+json", said.title
    if said.license and said.license.href:
        yield "license", said.license.href, None, said.license.name
    for one in said.related:
        yield "related", one.href, None, f"{one.kind.capitalize()}: {one.title}"
    for link in said.links:
        is_file = link.rel in ("enclosure", "download")
        rel = "enclosure" if is_file else "via" if link.rel == "via" else "related"
        yield rel, link.href, link.type, link.title


def _link(root: Element, rel: str, href: str, media: str | None, title: str | None) -> None:
    child(root, "link", rel=rel, href=href, type=media, title=title)


def _place_and_time(root: Element, said: Facts) -> None:
    if said.interval and said.interval != (None, None):
        ends = [format_instant(one) if one else "" for one in said.interval]
        child(root, "dc:date", ends[0] if ends[0] == ends[1] else "/".join(ends))
    if said.shape is not None:
        child(root, *_where(said.shape))


def _where(shape: shapely.Geometry) -> tuple[str, str]:
    """GeoRSS Simple: latitude first; other shapes than points and polygons as their box."""
    if shape.geom_type == "Point":
        return "georss:point", f"{shape.y:.9g} {shape.x:.9g}"
    if shape.geom_type == "Polygon" and not shape.interiors and not shape.equals(shape.envelope):
        return "georss:polygon", " ".join(f"{y:.9g} {x:.9g}" for x, y in shape.exterior.coords)
    west, south, east, north = places.box_of(shape)
    return "georss:box", f"{south:.9g} {west:.9g} {north:.9g} {east:.9g}"


RECORD = [Format("atom", ENTRY, "Atom", of_json(entry))]
PAGE = [Format("atom", FEED, "Atom", of_json(feed))]

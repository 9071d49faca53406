"""Rules on workflow and experiment records (OGC API - Records Part 1, record core)."""

from collections.abc import Iterator
from typing import Any

from publisher.domain.checks.extents import instant
from publisher.domain.checks.rules import Fault, Subject, rule, shown
from publisher.domain.kinds import RECORD_KINDS

CORE = (
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core",
)
LEVELS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


@rule(
    "record.conformance",
    "error",
    "conformsTo names the record core",
    "clients tell records from other features by it",
    RECORD_KINDS,
)
def conformance(subject: Subject) -> Iterator[Fault]:
    classes = subject.body.get("conformsTo")
    if isinstance(classes, list) and not any(core in classes for core in CORE):
        fix = [{"op": "add", "path": "/conformsTo/-", "value": CORE[0]}]
        yield Fault("/conformsTo", "It does not name the record core", f"add {CORE[0]}", fix)


@rule(
    "record.geometry",
    "error",
    "the geometry is null or a GeoJSON geometry",
    "the map and every spatial search read it (RFC 7946 section 3.1)",
    RECORD_KINDS,
)
def geometry(subject: Subject) -> Iterator[Fault]:
    value = subject.body.get("geometry")
    if value is not None and (why := geometry_problem(value)):
        yield Fault("/geometry", f"The geometry {why}", "use null when there is none")


@rule(
    "record.time",
    "error",
    "created, updated, start_datetime and end_datetime are dates with times",
    "every temporal search reads them (RFC 3339 section 5.6)",
    RECORD_KINDS,
)
def times(subject: Subject) -> Iterator[Fault]:
    for name in ("created", "updated", "start_datetime", "end_datetime"):
        value = subject.properties.get(name)
        if isinstance(value, str) and instant(value) is None:
            yield Fault(f"/properties/{name}", f"{shown(value)} is no date and time with a zone")


@rule(
    "experiment.links",
    "error",
    "an experiment links its inputs and its environment",
    "without them nobody can run it again",
    ("experiment",),
)
def experiment_links(subject: Subject) -> Iterator[Fault]:
    links = subject.body.get("links")
    rels = {link.get("rel") for link in _objects(links) if isinstance(link.get("rel"), str)}
    for rel in ("input", "environment"):
        if rel not in rels:
            yield Fault("/links", f"There is no {rel!r} link", f"add a link with rel {rel!r}")


def geometry_problem(value: Any) -> str | None:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return "is not an object with a type"
    if value["type"] == "GeometryCollection":
        parts = value.get("geometries")
        if not isinstance(parts, list):
            return "has no list of geometries"
        return next((why for why in map(geometry_problem, parts) if why), None)
    if value["type"] not in LEVELS:
        return f"has the unknown type {shown(value['type'])}"
    if not _coordinates(value.get("coordinates"), LEVELS[value["type"]]):
        return f"has coordinates that are not those of a {value['type']}"
    return None


def _coordinates(value: Any, level: int) -> bool:
    if not isinstance(value, list) or not value:
        return False
    if level:
        return all(_coordinates(part, level - 1) for part in value)
    numbers = all(isinstance(n, int | float) and not isinstance(n, bool) for n in value)
    return numbers and 2 <= len(value) <= 4


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []

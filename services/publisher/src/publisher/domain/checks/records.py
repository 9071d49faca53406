"""Rules on workflow and experiment records (OGC API - Records Part 1, record core)."""

from collections.abc import Iterator
from typing import Any

from publisher.domain.checks import geometries
from publisher.domain.checks.rules import Fault, Subject, rule, shown
from publisher.domain.kinds import RECORD_KINDS

CORE = (
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core",
)
FORM = '[{"scheme": "https://doi.org", "value": "10.5281/zenodo.1"}]'


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
    if value is not None:
        for pointer, why in geometries.problems(value):
            yield Fault(pointer, f"The geometry {why}", "use null when there is none")


@rule(
    "record.external-ids",
    "error",
    "externalIds is a list of objects with a scheme and a value",
    "records are looked up by the identifiers that others gave them (OGC API - Records)",
    RECORD_KINDS,
)
def external_ids(subject: Subject) -> Iterator[Fault]:
    found = subject.properties.get("externalIds")
    pointer = "/properties/externalIds"
    if found is not None and not isinstance(found, list):
        yield Fault(pointer, f"It is {shown(found)} where a list belongs", FORM)
        return
    for index, one in enumerate(found or ()):
        if isinstance(one, str):
            said = "It is a text where an object belongs"
            yield Fault(f"{pointer}/{index}", said, FORM, severity="warning")
        elif not isinstance(one, dict) or not isinstance(one.get("value"), str):
            yield Fault(f"{pointer}/{index}", "It has no value that is a text", FORM)


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


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []

"""Rules on the fields that every document of a kind has, and on the types of those we read.

Sources: STAC Collection and Catalog 1.0/1.1, osc extension v1.0.0, OGC API - Records core.
"""

from collections.abc import Callable, Iterator
from typing import Any

from publisher.domain.checks.rules import Fault, Subject, rule, shown
from publisher.domain.kinds import RECORD_KINDS, STAC_TYPES

STAC_VERSIONS = ("1.0.0", "1.1.0")
STATUSES = ("planned", "ongoing", "completed")
STAC_KINDS = tuple(STAC_TYPES)
ALWAYS = ("type", "id", "stac_version", "title", "description", "links")
COLLECTION = (*ALWAYS, "license", "extent", "stac_extensions", "osc:type", "osc:status", "themes")
REQUIRED = {
    "product": (*COLLECTION, "osc:project"),
    "project": (*COLLECTION, "contacts"),
    "variable": (*ALWAYS, "stac_extensions", "themes"),
    "mission": ALWAYS,
    "theme": ALWAYS,
    "workflow": ("type", "id", "conformsTo", "geometry", "properties", "links"),
    "experiment": ("type", "id", "conformsTo", "geometry", "properties", "links"),
}
PROPERTIES = {
    "workflow": ("type", "title", "description", "osc:project"),
    "experiment": ("type", "title", "description", "osc:workflow"),
}
TEXT, LIST, OBJECT, NUMBER, TEXTS, OBJECTS = "text", "list", "object", "number", "texts", "objects"
TYPES = {
    **dict.fromkeys(("type", "id", "stac_version", "title", "description", "license"), TEXT),
    **dict.fromkeys(("osc:type", "osc:status", "osc:project", "osc:experiment"), TEXT),
    **dict.fromkeys(("osc:region", "created", "updated", "version", "sci:doi"), TEXT),
    **dict.fromkeys(("osc:workflow", "osc:product"), TEXT),
    **dict.fromkeys(("stac_extensions", "keywords", "conformsTo"), TEXTS),
    **dict.fromkeys(("osc:variables", "osc:missions", "osc:workflows"), TEXTS),
    **dict.fromkeys(("links", "providers", "contacts", "cf:parameter", "formats"), OBJECTS),
    **dict.fromkeys(("extent", "assets", "item_assets", "summaries", "properties"), OBJECT),
    "themes": OBJECTS,
}
_IS: dict[str, Callable[[Any], bool]] = {
    TEXT: lambda v: isinstance(v, str),
    LIST: lambda v: isinstance(v, list),
    OBJECT: lambda v: isinstance(v, dict),
    NUMBER: lambda v: isinstance(v, int | float) and not isinstance(v, bool),
}
_SAID = {
    TEXT: "a text",
    OBJECT: "an object",
    TEXTS: "a list of texts",
    OBJECTS: "a list of objects",
}


@rule(
    "shape.required",
    "error",
    "the fields that every document of its kind has are there",
    "search, display and the standards (STAC, OGC API - Records) rely on them",
)
def required(subject: Subject) -> Iterator[Fault]:
    for name in REQUIRED[subject.kind]:
        if name not in subject.body:
            yield _missing(subject, f"/{name}", name)
    for name in PROPERTIES.get(subject.kind, ()):
        if isinstance(subject.body.get("properties"), dict) and name not in subject.properties:
            yield _missing(subject, f"/properties/{name}", name)


@rule(
    "shape.type",
    "error",
    "fields have the type that the standards give them",
    "a projection cannot index a number where a text belongs",
)
def types(subject: Subject) -> Iterator[Fault]:
    yield from _types(subject.body, "")
    if subject.kind in RECORD_KINDS:
        yield from _types(subject.properties, "/properties")


@rule(
    "shape.value",
    "error",
    "type, stac_version, osc:type and osc:status hold one of their values",
    "they say what the document is",
)
def values(subject: Subject) -> Iterator[Fault]:
    for pointer, place, name, choice in _choices(subject):
        value = place.get(name)
        if isinstance(value, str) and value not in choice:
            yield Fault(pointer, *_not_one_of(name, value, choice), _set(pointer, choice))


@rule(
    "shape.empty",
    "error",
    "title, description and license are not empty",
    "a person must be able to tell what this is",
)
def empty(subject: Subject) -> Iterator[Fault]:
    record = subject.kind in RECORD_KINDS
    place, prefix = (subject.properties, "/properties") if record else (subject.body, "")
    for name in ("title", "description", "license"):
        if isinstance(place.get(name), str) and not place[name].strip():
            yield Fault(f"{prefix}/{name}", f"The {name} is empty", f"write a {name}")


def _missing(subject: Subject, pointer: str, name: str) -> Fault:
    constant = {"type": _type_of(subject.kind), "osc:type": subject.kind}
    if pointer.startswith("/properties"):
        constant = {"type": subject.kind}
    fix = [{"op": "add", "path": pointer, "value": constant[name]}] if name in constant else None
    return Fault(pointer, f"A {subject.kind} has a field {name!r}; it is missing", "add it", fix)


def _type_of(kind: str) -> str:
    return STAC_TYPES.get(kind, "Feature")


def _types(place: dict[str, Any], prefix: str) -> Iterator[Fault]:
    for name, wanted in TYPES.items():
        if name in place:
            yield from _typed(place[name], wanted, f"{prefix}/{name}")


def _typed(value: Any, wanted: str, pointer: str) -> Iterator[Fault]:
    inner = {TEXTS: TEXT, OBJECTS: OBJECT}.get(wanted)
    if not _IS[LIST if inner else wanted](value):
        yield Fault(pointer, f"It is {shown(value)} where {_SAID[wanted]} belongs")
    elif inner:
        for index, entry in enumerate(value):
            if not _IS[inner](entry):
                said = f"It is {shown(entry)} where {_SAID[inner]} belongs"
                yield Fault(f"{pointer}/{index}", said)


def _choices(subject: Subject) -> Iterator[tuple[str, dict[str, Any], str, tuple[str, ...]]]:
    body, kind = subject.body, subject.kind
    yield "/type", body, "type", (_type_of(kind),)
    if kind in STAC_KINDS:
        yield "/stac_version", body, "stac_version", STAC_VERSIONS
    if kind in ("product", "project"):
        yield "/osc:type", body, "osc:type", (kind,)
        yield "/osc:status", body, "osc:status", STATUSES
    if kind in RECORD_KINDS:
        yield "/properties/type", subject.properties, "type", (kind,)


def _not_one_of(name: str, value: str, choice: tuple[str, ...]) -> tuple[str, str]:
    return f"{name} is {shown(value)}", f"one of: {', '.join(choice)}"


def _set(pointer: str, choice: tuple[str, ...]) -> list[dict[str, Any]] | None:
    return [{"op": "replace", "path": pointer, "value": choice[0]}] if len(choice) == 1 else None

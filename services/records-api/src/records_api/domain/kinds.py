"""Which kinds are records here, and how documents refer to others."""

from collections.abc import Mapping
from typing import Any

from earthcode_common.contracts import CATALOG_KINDS
from earthcode_common.ogc.entities import FOLDERS, Key, ids, theme_ids

RECORDS = ("workflow", "experiment", "reproduction")  # documents that are records themselves
SERVED = (*RECORDS, "product")  # products are served as records that are made from Collections
COLLECTIONS = {FOLDERS[kind]: kind for kind in SERVED}
EXTENTS = ("product", "project")  # lend their extents to records that have none

# Reference fields: kind -> member -> kind referred to.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "product": {
        "osc:experiment": "experiment",
        "osc:workflows": "workflow",
        "osc:project": "project",
        "themes": "theme",
        "osc:variables": "variable",
        "osc:missions": "mission",
    },
    "project": {"osc:workflows": "workflow"},
    "workflow": {
        "osc:project": "project",
        "themes": "theme",
        "osc:variables": "variable",
        "osc:missions": "mission",
    },
    "experiment": {
        "osc:workflow": "workflow",
        "osc:project": "project",
        "osc:product": "product",
        "themes": "theme",
        "osc:variables": "variable",
        "osc:missions": "mission",
    },
    "reproduction": {
        "osc:experiment": "experiment",
        "osc:workflow": "workflow",
        "osc:product": "product",
        "osc:products": "product",
        "osc:project": "project",
        "themes": "theme",
    },
}


def references(key: Key, document: Mapping[str, Any]) -> set[Key]:
    """What the reference fields of a document name; odd values are passed over."""
    source = _source(key.kind, document)
    found: set[Key] = set()
    for member, target in FIELDS.get(key.kind, {}).items():
        value = source.get(member)
        named = theme_ids(value) if member == "themes" else ids(value)
        found |= {Key(target, id) for id in named}
    return found - {key}


def has_field(kind: str, target: str, document: Mapping[str, Any]) -> bool:
    """Whether the document has a field that refers to the ``target`` kind: then links do not."""
    source = _source(kind, document)
    return any(t == target and m in source for m, t in FIELDS.get(kind, {}).items())


def _source(kind: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Records keep their members in ``properties``, Collections and Catalogs at the top."""
    inner = document.get("properties")
    return inner if kind not in CATALOG_KINDS and isinstance(inner, dict) else document

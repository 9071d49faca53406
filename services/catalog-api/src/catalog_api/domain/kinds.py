"""How the kinds of entities refer to one another."""

from collections.abc import Iterator, Mapping
from typing import Any

from earthcode_common.contracts import CATALOG_KINDS
from earthcode_common.ogc.entities import Key, ids, theme_ids

from catalog_api.domain.text import listed, plain

MAX_ID = 300
COLLECTIONS = ("product", "project")
THEME_SCHEME = "https://github.com/stac-extensions/osc#theme"
_ALL = {"themes": "theme", "osc:variables": "variable", "osc:missions": "mission"}

# Reference fields: kind -> member -> kind referred to.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "product": {"osc:project": "project", "osc:experiment": "experiment"} | _ALL,
    "project": {"themes": "theme", "osc:workflows": "workflow"},
    "variable": {"themes": "theme"},
    "workflow": {"osc:project": "project"} | _ALL,
    "experiment": {
        "osc:workflow": "workflow",
        "osc:project": "project",
        "osc:product": "product",
    }
    | _ALL,
    "reproduction": {"osc:products": "product"},
}
# Between these kinds the OSC has a field that few documents use and links that others use instead:
# such a link counts as a reference.
LOOSE = frozenset(
    {
        ("product", "product"),
        ("product", "experiment"),
        ("product", "workflow"),
        ("project", "project"),
        ("project", "experiment"),
        ("project", "workflow"),
        ("experiment", "product"),
        ("experiment", "experiment"),
        ("workflow", "workflow"),
        ("workflow", "product"),
    }
)


def references(kind: str, document: Mapping[str, Any]) -> set[Key]:
    """What the reference fields of a document name; odd values are passed over."""
    found: set[Key] = set()
    for source in _sources(kind, document):
        for member, target in FIELDS.get(kind, {}).items():
            value = source.get(member)
            names = osc_themes(value) if member == "themes" else ids(value)
            found |= {Key(target, id) for id in names if is_id(id)}
    return found - {Key(kind, str(document.get("id")))}


def is_id(id: str) -> bool:
    """Whether an entity could have this id: what cannot be stored is never referred to."""
    return 0 < len(id) <= MAX_ID and "\0" not in id and plain(id) == id


def osc_themes(themes: Any) -> list[str]:
    """Ids of themes; concepts of other schemes have ids of their own."""
    known = (one for one in listed(themes) if isinstance(one, Mapping))
    return theme_ids([one for one in known if one.get("scheme", THEME_SCHEME) == THEME_SCHEME])


def has_field(kind: str, target: str, document: Mapping[str, Any]) -> bool:
    """Whether the document itself has a field that refers to entities of the ``target`` kind."""
    members = [member for member, to in FIELDS.get(kind, {}).items() if to == target]
    return any(member in source for source in _sources(kind, document) for member in members)


def _sources(kind: str, document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Records keep their members in ``properties``; some tools put them at the top as well."""
    yield document
    inner = document.get("properties")
    if kind not in CATALOG_KINDS and isinstance(inner, Mapping):
        yield inner

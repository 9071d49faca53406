"""The kinds of entities, where each is served, and how they refer to one another."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from earthcode_common.contracts import CATALOG_KINDS

from catalog_api.domain.text import listed, plain

# Stands for the public address in stored text. JSON never holds it raw (it would be \u0001), so
# replacing it is safe, and a deployment that moves needs no rebuild.
BASE = "\x01"
FOLDERS = {
    "product": "products",
    "project": "projects",
    "theme": "themes",
    "variable": "variables",
    "mission": "eo-missions",
    "workflow": "workflows",
    "experiment": "experiments",
    "reproduction": "reproductions",
}
KIND_OF = {folder: kind for kind, folder in FOLDERS.items()}
COLLECTIONS = ("product", "project")
VOCABULARIES = ("theme", "variable", "mission")
LABELS = {"mission": "EO Mission"}  # others: the kind with a capital

# Reference fields: kind -> member -> kind referred to.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "product": {
        "osc:project": "project",
        "osc:experiment": "experiment",
        "themes": "theme",
        "osc:variables": "variable",
        "osc:missions": "mission",
    },
    "project": {"themes": "theme", "osc:workflows": "workflow"},
    "theme": {},
    "variable": {"themes": "theme"},
    "mission": {},
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


MAX_ID = 300


class Key(NamedTuple):
    kind: str
    id: str


def label(kind: str) -> str:
    return LABELS.get(kind) or kind.capitalize()


def address(key: Key, *, twin: bool = False) -> str:
    """Where an entity is served; ``twin``: a project whose id a product has too."""
    name = quote(key.id, safe=":@,+~")
    folder = FOLDERS[key.kind]
    if key.kind not in CATALOG_KINDS:
        return f"{BASE}/records/collections/{folder}/items/{name}"
    if key.kind in VOCABULARIES:
        return f"{BASE}/stac/catalogs/{folder}/catalogs/{name}"
    return scoped_address(key) if twin else f"{BASE}/stac/collections/{name}"


def scoped_address(key: Key) -> str:
    """The address within the catalog of its kind, where no other kind's ids collide."""
    return f"{BASE}/stac/catalogs/{FOLDERS[key.kind]}/collections/{quote(key.id, safe=':@,+~')}"


def attachment_address(key: Key, name: str) -> str:
    entity = f"{BASE}/publish/entities/{key.kind}/{quote(key.id, safe=':@,+~')}"
    return f"{entity}/attachments/{quote(name, safe=':@,+~%')}"


def references(kind: str, document: Mapping[str, Any]) -> set[Key]:
    """What the reference fields of a document name; odd values are passed over."""
    source = _source(kind, document)
    found: set[Key] = set()
    for member, target in FIELDS.get(kind, {}).items():
        value = source.get(member)
        ids = theme_ids(value) if member == "themes" else _ids(value)
        found |= {Key(target, id) for id in ids if is_id(id)}
    return found - {Key(kind, str(document.get("id")))}


def is_id(id: str) -> bool:
    """Whether an entity could have this id: what cannot be stored is never referred to."""
    return 0 < len(id) <= MAX_ID and "\0" not in id and plain(id) == id


def has_field(kind: str, target: str, document: Mapping[str, Any]) -> bool:
    """Whether the document itself has the field that refers to ``target`` kinds."""
    source = _source(kind, document)
    return any(t == target and m in source for m, t in FIELDS.get(kind, {}).items())


def _source(kind: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Records keep their members in ``properties``, Collections and Catalogs at the top."""
    inner = document.get("properties")
    return inner if kind not in CATALOG_KINDS and isinstance(inner, dict) else document


def _ids(value: Any) -> list[str]:
    many = value if isinstance(value, list) else [value]
    return [one for one in many if isinstance(one, str)]


def theme_ids(value: Any) -> list[str]:
    """Ids of ``[{"scheme", "concepts": [{"id"}]}]`` (themes extension); other shapes give none."""
    themes = [theme for theme in listed(value) if isinstance(theme, dict)]
    concepts = [c for theme in themes for c in listed(theme.get("concepts"))]
    return _ids([c.get("id") for c in concepts if isinstance(c, dict)])

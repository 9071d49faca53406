"""Entities between services: their keys, where each is served, and what a link points at.

Stored texts hold ``BASE`` for the public address, so that a deployment that moves needs no rebuild.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from earthcode_common.contracts import CATALOG_KINDS

BASE = "\x01"  # JSON never holds it raw (it would be \u0001), so replacing it is safe.
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
VOCABULARIES = ("theme", "variable", "mission")
LABELS = {"mission": "EO Mission"}  # others: the kind with a capital
# Where the static catalogue is published; its documents link to one another below it.
OSC = "https://esa-earthcode.github.io/open-science-catalog-metadata/"
SAFE = ":@,+~"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SERVED = (
    re.compile(r"/records/collections/([^/?#]+)/items/([^?#]+)"),
    re.compile(r"/stac/catalogs/([^/?#]+)/(?:catalogs|collections)/([^/?#]+)"),
)
# A project is served here too: its document says which one it is, its address does not.
_COLLECTION = re.compile(r"/stac/collections/([^/?#]+)")
_FILES = ("collection.json", "catalog.json", "record.json")


class Key(NamedTuple):
    kind: str
    id: str


def label(kind: str) -> str:
    return LABELS.get(kind) or kind.capitalize()


def address(key: Key, *, twin: bool = False) -> str:
    """Where an entity is served; ``twin``: a project whose id a product has too."""
    name, folder = quote(key.id, safe=SAFE), FOLDERS[key.kind]
    if key.kind not in CATALOG_KINDS:
        return f"{BASE}/records/collections/{folder}/items/{name}"
    if key.kind in VOCABULARIES:
        return f"{BASE}/stac/catalogs/{folder}/catalogs/{name}"
    if twin:
        return f"{BASE}/stac/catalogs/{folder}/collections/{name}"
    return f"{BASE}/stac/collections/{name}"


def ledger_address(key: Key) -> str:
    """The document as it was submitted."""
    return f"{BASE}/publish/entities/{key.kind}/{quote(key.id, safe=SAFE)}"


def attachment_address(key: Key, name: str) -> str:
    """``name`` as it stands in an href, that is percent-encoded where need be."""
    return f"{ledger_address(key)}/attachments/{quote(name, safe=SAFE + '%')}"


def is_relative(href: str) -> bool:
    return bool(href) and not _SCHEME.match(href) and not href.startswith(("/", "#", "?"))


def target_of(href: str, public_url: str = "") -> Key | None:
    """The entity that a link means, in the static catalogue or in the APIs at ``public_url``."""
    if public_url and href.startswith(f"{public_url}/"):
        return _served_at(href.removeprefix(public_url))
    path = href.removeprefix(OSC)
    if path == href and not is_relative(href):
        return None
    parts = [unquote(part) for part in urlsplit(path).path.split("/")]
    if len(parts) < 3 or parts[-1] not in _FILES or parts[-3] not in KIND_OF:
        return None
    id = parts[-2]
    return Key(KIND_OF[parts[-3]], id) if id not in ("", ".", "..") and is_text(id) else None


def _served_at(path: str) -> Key | None:
    for pattern in _SERVED:
        found = pattern.fullmatch(path)
        if found and found[1] in KIND_OF:
            return Key(KIND_OF[found[1]], unquote(found[2]))
    found = _COLLECTION.fullmatch(path)
    return Key("product", unquote(found[1])) if found else None


def ids(value: Any) -> list[str]:
    """The ids in a reference field, which is one id or a list of them."""
    many = value if isinstance(value, list) else [value]
    return [one for one in many if isinstance(one, str) and one and is_text(one)]


def is_text(value: str) -> bool:
    """Whether a database can hold it: no NUL character, no half of one (lone surrogate)."""
    return "\0" not in value and not any("\ud800" <= one <= "\udfff" for one in value)


def theme_ids(value: Any) -> list[str]:
    """Ids of ``[{"scheme", "concepts": [{"id"}]}]`` (themes extension); other shapes give none."""
    themes = [t for t in value if isinstance(t, Mapping)] if isinstance(value, list) else []
    lists = [t.get("concepts") for t in themes]
    concepts = [c for many in lists if isinstance(many, list) for c in many]
    return ids([c.get("id") for c in concepts if isinstance(c, Mapping)])

"""Links: which ones of a document are its own, and which ones are made from references."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from earthcode_common.ogc.links import GEOJSON, JSON, Link, link

from catalog_api.domain import kinds
from catalog_api.domain.jsontext import Value, dump, elements
from catalog_api.domain.kinds import BASE, COLLECTIONS, FOLDERS, KIND_OF, LOOSE, VOCABULARIES, Key

OSC = "https://esa-earthcode.github.io/open-science-catalog-metadata/"
STRUCTURAL = ("self", "root", "parent", "collection", "items")
DERIVED = ("child", "related", "item")
ORDER = {kind: place for place, kind in enumerate(FOLDERS)}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FILES = ("collection.json", "catalog.json", "record.json")


class Own(NamedTuple):
    """The links of a document that are kept, as text, and what its other links referred to."""

    links: list[str]
    references: set[Key]


class Neighbour(NamedTuple):
    key: Key
    title: str
    twin: bool = False


def own_links(key: Key, document: Mapping[str, Any], links: Value | None) -> Own:
    """Takes ``document["links"]`` apart; ``links`` is that member with its text."""
    own = Own([], set())
    for one in elements(links.text) if links and isinstance(links.value, list) else []:
        kept = _sort_out(key, document, one, own.references)
        if kept:
            own.links.append(kept)
    return own


def own_item_links(key: Key, links: Value | None) -> list[str]:
    """The links of an Item of product ``key`` that are kept: all but the structural ones."""
    each = elements(links.text) if links and isinstance(links.value, list) else []
    return [absolute(key, one) for one in each if _rel_and_href(one.value)[0] not in STRUCTURAL]


def _sort_out(
    key: Key, document: Mapping[str, Any], one: Value, references: set[Key]
) -> str | None:
    rel, href = _rel_and_href(one.value)
    if rel in STRUCTURAL and rel:
        return None
    target = target_of(href)
    if rel not in DERIVED or target is None:
        # What is left of `item` links are files beside the document: they are Items here.
        return None if rel == "item" and _is_relative(href) else absolute(key, one)
    loose = (key.kind, target.kind) in LOOSE and target != key
    if loose and not kinds.has_field(key.kind, target.kind, document):
        references.add(target)
    return None


def _rel_and_href(link: Any) -> tuple[str, str]:
    members = link if isinstance(link, dict) else {}
    rel, href = members.get("rel"), members.get("href")
    return (rel if isinstance(rel, str) else "", href if isinstance(href, str) else "")


def target_of(href: str) -> Key | None:
    """The entity that a link of the static catalogue points at: ``../../{folder}/{id}/{file}``."""
    path = href.removeprefix(OSC)
    if path == href and not _is_relative(href):
        return None
    parts = [unquote(part) for part in urlsplit(path).path.split("/")]
    if len(parts) < 3 or parts[-1] not in _FILES or parts[-3] not in KIND_OF:
        return None
    id = parts[-2]
    return Key(KIND_OF[parts[-3]], id) if kinds.is_id(id) and id not in (".", "..") else None


def _is_relative(href: str) -> bool:
    return bool(href) and not _SCHEME.match(href) and not href.startswith(("/", "#", "?"))


def absolute(key: Key, one: Value) -> str:
    """The text of a link (or asset) whose relative ``href`` was made absolute where it can be."""
    _, href = _rel_and_href(one.value)
    better = absolute_href(key, href)
    return one.text if better == href else text(one.value | {"href": better})


def absolute_href(key: Key, href: str) -> str:
    target = target_of(href)
    if target:
        return kinds.address(target, twin=target.kind == "project")
    name = href.removeprefix("./")
    if not _is_relative(href) or "/" in name or name in ("", ".", ".."):
        return href
    return kinds.attachment_address(key, name)


def entity_links(key: Key, neighbours: Iterable[Neighbour], *, twin: bool = False) -> list[Link]:
    """All generated links of an entity; ``self`` is the first."""
    catalog = f"{BASE}/stac/catalogs/{FOLDERS[key.kind]}"
    here = kinds.address(key, twin=twin)
    made = [
        link("self", here),
        link("root", f"{BASE}/stac", title=ROOT_TITLE),
        link("parent", catalog, title=CATALOGS[key.kind][0]),
    ]
    if key.kind in COLLECTIONS:
        made.append(link("items", f"{here}/items", GEOJSON, "Items"))
    if key.kind in VOCABULARIES:
        made.append(link("children", f"{here}/children", title="Products"))
    around = sorted(set(neighbours), key=lambda n: (ORDER[n.key.kind], n.title, n.key.id))
    return made + [_between(key.kind, neighbour) for neighbour in around]


def _between(kind: str, other: Neighbour) -> Link:
    href = kinds.address(other.key, twin=other.twin)
    title = other.title or other.key.id
    if other.key.kind == "product" and kind in ("project", *VOCABULARIES):
        return link("child", href, title=title)
    media = JSON if other.key.kind in CATALOGS else GEOJSON
    return link("related", href, media, f"{kinds.label(other.key.kind)}: {title}")


def item_links(product: str, id: str) -> list[Link]:
    collection = kinds.address(Key("product", product))
    return [
        link("self", f"{collection}/items/{quote(id, safe=':@,+~')}", GEOJSON),
        link("root", f"{BASE}/stac"),
        link("parent", collection),
        link("collection", collection),
    ]


ROOT_TITLE = "EarthCODE Open Science Catalog"
# Title and description of the catalog of each kind.
CATALOGS: Mapping[str, tuple[str, str]] = {
    "product": ("Products", "Geoscience products: the outcomes of experiments"),
    "project": ("Projects", "Research projects, with the products each of them published"),
    "theme": ("Themes", "Science themes, with the products that belong to each of them"),
    "variable": ("Variables", "Geoscience variables, with the products that hold each of them"),
    "mission": (
        "EO Missions",
        "Earth observation missions, with the products made from their data",
    ),
}


def text(link: Mapping[str, Any]) -> str:
    """JSON with BASE raw at the start of the address, where JSON itself would never have it."""
    return dump(link).replace('"href":"\\u0001/', f'"href":"{BASE}/')

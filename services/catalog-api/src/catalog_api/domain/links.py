"""Links: which ones of a document are its own, and which ones are made from references."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from earthcode_common.ogc.entities import (
    BASE,
    FOLDERS,
    SAFE,
    VOCABULARIES,
    Key,
    address,
    attachment_address,
    is_relative,
    label,
    target_of,
)
from earthcode_common.ogc.jsontext import Value, dump, elements
from earthcode_common.ogc.links import GEOJSON, JSON, SCHEMA, Link, link

from catalog_api.domain import kinds
from catalog_api.domain.kinds import COLLECTIONS, LOOSE

STRUCTURAL = ("self", "root", "parent", "collection", "items", "children", "canonical")
WITHIN = ("child", "item", "data", "search", "conformance")
DERIVED = ("child", "related", "item")
OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
TOOLS = {  # of the Items of a Collection: relation -> segment, media type, title
    f"{OGC_REL}queryables": ("queryables", SCHEMA, "What filters on its Items may name"),
    f"{OGC_REL}sortables": ("sortables", SCHEMA, "What its Items can be sorted by"),
    "aggregate": ("aggregate", JSON, "Counts of its Items"),
    "aggregations": ("aggregations", JSON, "What can be counted of its Items"),
}
ORDER = {kind: place for place, kind in enumerate(FOLDERS)}


class Place(NamedTuple):
    """Where a document is: addresses beside it and below the public one are understood."""

    key: Key
    public_url: str


class Own(NamedTuple):
    """The links of a document that are kept, as text, and what its other links referred to."""

    links: list[str]
    references: set[Key]


class Neighbour(NamedTuple):
    key: Key
    title: str
    twin: bool = False


def own_links(place: Place, document: Mapping[str, Any], links: Value | None) -> Own:
    """Takes ``document["links"]`` apart; ``links`` is that member with its text."""
    own = Own([], set())
    named = kinds.references(place.key.kind, document)
    for one in elements(links.text) if links and isinstance(links.value, list) else []:
        rel, href = _rel_and_href(one.value)
        target = _target(href, place, named) if rel in DERIVED else None
        if target and _counts(place.key, target, document):
            own.references.add(target)
        elif not target and not _is_made_here(rel, href, place.public_url):
            own.links.append(absolute(place, one))
    return own


def own_item_links(place: Place, links: Value | None) -> list[str]:
    """The links of an Item of the product ``place`` that are kept: all but the structural ones."""
    each = elements(links.text) if links and isinstance(links.value, list) else []
    return [absolute(place, one) for one in each if _rel_and_href(one.value)[0] not in STRUCTURAL]


def _rel_and_href(link: Any) -> tuple[str, str]:
    members = link if isinstance(link, dict) else {}
    rel, href = members.get("rel"), members.get("href")
    return (rel if isinstance(rel, str) else "", href if isinstance(href, str) else "")


def _target(href: str, place: Place, named: set[Key]) -> Key | None:
    target = target_of(href, place.public_url)
    if target is None or not kinds.is_id(target.id):
        return None
    # Products and projects share an address here: the document's own fields tell them apart.
    other = Key("project", target.id)
    return other if target.kind == "product" and other in named else target


def _counts(key: Key, target: Key, document: Mapping[str, Any]) -> bool:
    """Whether a link to ``target`` says what no field of the document says."""
    loose = (key.kind, target.kind) in LOOSE and target != key
    return loose and not kinds.has_field(key.kind, target.kind, document)


def _is_made_here(rel: str, href: str, public_url: str) -> bool:
    """Whether the document gets such a link here anyway, as Items that are files beside it do."""
    if rel in STRUCTURAL or (rel == "item" and is_relative(href)):
        return True
    return rel in (*WITHIN, *TOOLS) and href.startswith(f"{public_url}/stac/")


def absolute(place: Place, one: Value) -> str:
    """The text of a link (or asset) whose ``href`` is absolute, or relative to the public one."""
    _, href = _rel_and_href(one.value)
    better = absolute_href(place, href)
    return one.text if better == href else text(one.value | {"href": better})


def absolute_href(place: Place, href: str) -> str:
    if href.startswith(f"{place.public_url}/"):
        return BASE + href.removeprefix(place.public_url)
    target = target_of(href)
    if target:
        return address(target, twin=target.kind == "project")
    name = href.removeprefix("./")
    if not is_relative(href) or "/" in name or name in ("", ".", ".."):
        return href
    return attachment_address(place.key, name)


def entity_links(key: Key, neighbours: Iterable[Neighbour], *, twin: bool = False) -> list[Link]:
    """All generated links of an entity; ``self`` is the first."""
    catalog = f"{BASE}/stac/catalogs/{FOLDERS[key.kind]}"
    here = address(key, twin=twin)
    root = (f"{BASE}/stac", JSON, ROOT_TITLE)
    # Below /collections the root is the parent (Multi-Tenant Catalogs, Link Relations 3).
    flat = key.kind in COLLECTIONS and not twin
    made = [
        link("self", here),
        link("root", *root),
        link("parent", *(root if flat else (catalog, JSON, CATALOGS[key.kind][0]))),
    ]
    if key.kind in COLLECTIONS:
        made.append(link("items", f"{here}/items", GEOJSON, "Items"))
    if key.kind in COLLECTIONS and not twin:
        made += [link(rel, f"{here}/{name}", *told) for rel, (name, *told) in TOOLS.items()]
    if key.kind in VOCABULARIES:
        made.append(link("children", f"{here}/children", title="Products"))
    around = sorted(set(neighbours), key=lambda n: (ORDER[n.key.kind], n.title, n.key.id))
    return made + [_between(key.kind, neighbour) for neighbour in around]


def _between(kind: str, other: Neighbour) -> Link:
    href = address(other.key, twin=other.twin)
    title = other.title or other.key.id
    if other.key.kind == "product" and kind in ("project", *VOCABULARIES):
        return link("child", href, title=title)
    if other.key.kind == "reproduction":  # its title says so
        return link("related", href, GEOJSON, title)
    media = JSON if other.key.kind in CATALOGS else GEOJSON
    return link("related", href, media, f"{label(other.key.kind)}: {title}")


def item_links(product: str, id: str) -> list[Link]:
    collection = address(Key("product", product))
    return [
        link("self", f"{collection}/items/{quote(id, safe=SAFE)}", GEOJSON),
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
        "Earth observation missions, with the products made from them",
    ),
}


def text(link: Mapping[str, Any]) -> str:
    """JSON with BASE raw at the start of the address, where JSON itself would never have it."""
    return dump(link).replace('"href":"\\u0001/', f'"href":"{BASE}/')

"""Links of records: which ones are a document's own, and which ones are made from references."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urljoin

from earthcode_common.contracts import CATALOG_KINDS
from earthcode_common.ogc.entities import (
    BASE,
    FOLDERS,
    OSC,
    Key,
    address,
    attachment_address,
    is_relative,
    label,
    ledger_address,
    target_of,
)
from earthcode_common.ogc.jsontext import Value, dump, elements
from earthcode_common.ogc.links import GEOJSON, JSON, Link, link

from records_api.domain import kinds, licenses

STRUCTURAL = ("root", "parent", "self", "collection")
DERIVED = ("related", "child", "item")
CATALOG_JSON = "application/ogc-catalog+json"
ALTERNATES = "\x02"  # JSON never holds it raw
PROFILE = "http://www.opengis.net/def/profile/OGC/0/ogc-record"
ROOT = f"{BASE}/records"
EXECUTABLE = f"{ROOT}/profiles/executable-experiment"
SUBMITTED = "As it was submitted"
REPRODUCTIONS = "/reproduce/reproductions/"
ORDER = {kind: place for place, kind in enumerate(FOLDERS)}


class Own(NamedTuple):
    """The links of a document that are kept, as text, and what its other links referred to."""

    links: list[str]
    references: set[Key]


class Neighbour(NamedTuple):
    key: Key
    title: str
    twin: bool = False


def own_links(key: Key, document: Mapping[str, Any], links: Value | None, public_url: str) -> Own:
    """Takes ``document["links"]`` apart; ``links`` is that member with its text."""
    own = Own([], set())
    here = record_address(key).replace(BASE, public_url) + "?f="
    made = _generated(key, licenses.stated(document.get("properties")), public_url)
    for one in elements(links.text) if links and isinstance(links.value, list) else []:
        rel, href = _rel_and_href(one.value)
        if not href or rel in STRUCTURAL or (rel, href) in made:
            continue
        if rel == "alternate" and href.startswith(here):
            continue
        target = target_of(href, public_url)
        if target is None and _is_own_item(key, rel, href):
            items = [text(_items(key))]
            own.links.extend(items if items[0] not in own.links else [])
        elif rel not in DERIVED or target is None:
            own.links.append(_absolute(key, one, href))
        elif target != key and not kinds.has_field(key.kind, target.kind, document):
            own.references.add(target)
    return own


def _is_own_item(key: Key, rel: str, href: str) -> bool:
    """Whether it is a STAC Item in a file beside a product, which the STAC API serves."""
    return key.kind == "product" and rel == "item" and is_relative(href)


def _items(key: Key) -> Link:
    return link("items", f"{address(key)}/items", GEOJSON, "The STAC Items of the product")


def _rel_and_href(one: Any) -> tuple[str, str]:
    members = one if isinstance(one, dict) else {}
    rel, href = members.get("rel"), members.get("href")
    return (rel if isinstance(rel, str) else "", href if isinstance(href, str) else "")


def _generated(key: Key, license: str | None, public_url: str) -> set[tuple[str, str]]:
    """Made here, and submitted again with a document that was fetched from here."""
    made = {("profile", PROFILE), ("profile", EXECUTABLE), ("via", _source(key))}
    if license:
        made.add(("license", licenses.address_of(license, _source(key))[0]))
    return {(rel, href.replace(BASE, public_url)) for rel, href in made}


def _absolute(key: Key, one: Value, href: str) -> str:
    better = absolute_href(key, href)
    named = isinstance(one.value.get("rel"), str) and one.value["rel"]
    if better == href and named:
        return one.text
    return text(one.value | {"href": better} | ({} if named else {"rel": "related"}))


def absolute_href(key: Key, href: str) -> str:
    """Entities where they are served, files beside the document at the publisher.

    Whatever else is relative is resolved against the document's place in the static catalogue.
    """
    if not is_relative(href):
        return href
    target = target_of(href)
    if target:
        return address(target)
    name = href.removeprefix("./")
    if "/" not in name and name not in ("", ".", ".."):
        return attachment_address(key, name)
    return urljoin(f"{OSC}{FOLDERS[key.kind]}/{key.id}/record.json", href)


def alternates(kind: str, here: str) -> str:
    """Stands for the links to all other representations, which are made when it is served."""
    return f"{ALTERNATES}{kind} {here}{ALTERNATES}"


def record_address(key: Key) -> str:
    """Where the record is; that of a product is not the product."""
    return address(key).replace(
        "/stac/collections/", f"/records/collections/{FOLDERS[key.kind]}/items/"
    )


def record_links(key: Key, around: Iterable[Neighbour], license: str | None) -> list[str]:
    """The texts of all generated links of a record; ``self`` is the first.

    ``license`` is None when the record has a link to it already.
    """
    collection = f"{ROOT}/collections/{FOLDERS[key.kind]}"
    here = record_address(key)
    made = [
        link("via", _source(key), GEOJSON if key.kind in kinds.RECORDS else JSON, SUBMITTED),
        link("root", ROOT),
        link("parent", collection, CATALOG_JSON),
        link("collection", collection, CATALOG_JSON),
        link("profile", PROFILE, None),
    ]
    if key.kind == "product":
        made.append(link("describes", address(key), title="The product as a STAC Collection"))
    if license:
        href, title = licenses.address_of(license, _source(key))
        made.append(link("license", href, None, title))
    others = sorted(set(around), key=lambda n: (ORDER[n.key.kind], n.title, n.key.id))
    made += [_between(other) for other in others]
    own = [text(link("self", here, GEOJSON)), alternates("record", here)]
    return own + [text(one) for one in made]


def _source(key: Key) -> str:
    if key.kind == "reproduction":
        return ledger_address(key).replace("/publish/entities/reproduction/", REPRODUCTIONS)
    return ledger_address(key)


def _between(other: Neighbour) -> Link:
    href = address(other.key, twin=other.twin)
    media = JSON if other.key.kind in CATALOG_KINDS else GEOJSON
    return link("related", href, media, f"{label(other.key.kind)}: {other.title or other.key.id}")


def text(one: Mapping[str, Any]) -> str:
    """JSON with BASE raw at the start of the address, where JSON itself would never have it."""
    return dump(one).replace('"href":"\\u0001/', f'"href":"{BASE}/')

"""Documents as they are seen from within a catalog: their own links lead on within it.

STAC API - Multi-Tenant Catalogs 1.0.0-rc.2, Link Relations. Stored texts hold the links of the
global addresses, generated in one form, so they are replaced as text.
"""

import re
from typing import NamedTuple
from urllib.parse import quote

from earthcode_common.ogc.entities import BASE, SAFE, Key, address
from earthcode_common.ogc.links import GEOJSON, Link, link

from catalog_api.domain.links import CATALOGS, text

ROOT = f"{BASE}/stac"
_SELF = re.compile(r'\{"rel":"self","href":"(\x01[^"]*)"[^{}]*\}')
_PARENT = re.compile(r'\{"rel":"parent","href":"\x01[^"]*"[^{}]*\}')
_CHILD = f'{{"rel":"child","href":"{ROOT}/collections/'


class Catalog(NamedTuple):
    """``id`` is None for the catalog of the kind itself; ``address`` is where it is looked at."""

    kind: str
    id: str | None
    address: str

    @property
    def title(self) -> str | None:
        return CATALOGS[self.kind][0] if self.id is None else None

    def collection(self, id: str) -> str:
        return f"{self.address}/collections/{quote(id, safe=SAFE)}"

    def holds(self, kind: str) -> bool:
        """Whether Collections of that kind are its children."""
        return self.kind == kind if self.id is None else kind == "product"


def collection(doc: str, catalog: Catalog, id: str) -> str:
    """A Collection at its address within ``catalog``."""
    found = _SELF.search(doc)
    here = catalog.collection(id)
    if not found or found[1] == here:
        return doc
    own = found[1]
    links = [text(link("self", here)), text(link("canonical", own))]
    doc = doc.replace(found[0], ",".join(links), 1)
    up = text(link("parent", catalog.address, title=catalog.title))
    return _PARENT.sub(lambda _: up, doc, count=1).replace(f'"{own}/items"', f'"{here}/items"', 1)


def item(doc: str, collection: str) -> str:
    """An Item at its address below that of the ``collection``."""
    found = _SELF.search(doc)
    if not found:
        return doc
    above, _, name = found[1].rpartition("/items/")
    links = [
        text(link("self", f"{collection}/items/{name}", GEOJSON)),
        text(link("canonical", found[1], GEOJSON)),
    ]
    return doc.replace(found[0], ",".join(links), 1).replace(f'"{above}"', f'"{collection}"')


def catalog(doc: str, key: Key, here: str) -> str:
    """A theme, variable or mission at the address ``here``, with what it holds below it."""
    own = address(key)
    links = scope_links(here)
    if here != own:
        doc = doc.replace(f'"{own}"', f'"{here}"').replace(f'"{own}/', f'"{here}/')
        links.insert(0, link("canonical", own))
    found = _SELF.search(doc)
    if found:
        more = ",".join([found[0], *map(text, links)])
        doc = doc.replace(found[0], more, 1)
    return doc.replace(_CHILD, f'{{"rel":"child","href":"{here}/collections/')


def scope_links(here: str) -> list[Link]:
    """Links of every catalog to what can be asked within it."""
    search = link("search", f"{here}/search", GEOJSON)
    return [
        link("data", f"{here}/collections"),
        link("conformance", f"{here}/conformance"),
        *(search | {"method": method} for method in ("GET", "POST")),
    ]


def with_links(doc: str, more: list[str]) -> str:
    """The document with these texts of links after its own address."""
    found = _SELF.search(doc)
    return doc.replace(found[0], ",".join([found[0], *more]), 1) if found else doc

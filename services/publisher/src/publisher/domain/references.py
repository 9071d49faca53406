"""The references of a document: its fields are the truth, links are derived from them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from publisher.domain.documents import storable
from publisher.domain.kinds import RECORD_KINDS

MAX_ID = 200

# osc extension v1.0.0, plus what experiments and workflows carry in their properties.
FIELDS = {
    "osc:project": "project",
    "osc:workflow": "workflow",
    "osc:workflows": "workflow",
    "osc:experiment": "experiment",
    "osc:product": "product",
    "osc:variables": "variable",
    "osc:missions": "mission",
}
THEME_SCHEME = "https://github.com/stac-extensions/osc#theme"
# An experiment names an input product by a link: there is no field for it.
_PRODUCT = re.compile(r"(?:products/([^/?#]+)/collection\.json|/stac/collections/([^/?#]+))/?\Z")


@dataclass(frozen=True)
class Reference:
    rel: str  # the field that says it ("osc:project", "themes"), or "input"
    kind: str
    id: str
    pointer: str

    @property
    def usable(self) -> bool:
        """Whether it can be the id of anything; what cannot is not looked up."""
        return len(self.id) <= MAX_ID and storable(self.id)


def references(kind: str, document: Any) -> list[Reference]:
    """What the document refers to, in its order; values of a wrong type are passed over."""
    if not isinstance(document, dict):
        return []
    found = list(_fields(document, ""))
    if kind in RECORD_KINDS:
        found += _fields(document.get("properties"), "/properties")
    if kind == "experiment":
        found += _inputs(document.get("links"))
    return found


def _fields(place: Any, pointer: str) -> Iterator[Reference]:
    if not isinstance(place, dict):
        return
    for field, kind in FIELDS.items():
        for value, where in _values(place.get(field), f"{pointer}/{field}"):
            yield Reference(field, kind, value, where)
    for value, where in _concepts(place.get("themes"), f"{pointer}/themes"):
        yield Reference("themes", "theme", value, where)


def _values(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value:
        yield value, pointer
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            if isinstance(entry, str) and entry:
                yield entry, f"{pointer}/{index}"


def _concepts(themes: Any, pointer: str) -> Iterator[tuple[str, str]]:
    for index, theme in enumerate(themes if isinstance(themes, list) else ()):
        if not isinstance(theme, dict) or theme.get("scheme", THEME_SCHEME) != THEME_SCHEME:
            continue
        concepts = theme.get("concepts")
        for number, concept in enumerate(concepts if isinstance(concepts, list) else ()):
            if isinstance(concept, dict) and isinstance(concept.get("id"), str) and concept["id"]:
                yield concept["id"], f"{pointer}/{index}/concepts/{number}/id"


def _inputs(links: Any) -> Iterator[Reference]:
    for index, link in enumerate(links if isinstance(links, list) else ()):
        if not isinstance(link, dict) or link.get("rel") != "input":
            continue
        href = link.get("href")
        match = _PRODUCT.search(href) if isinstance(href, str) else None
        if match:
            yield Reference("input", "product", match[1] or match[2], f"/links/{index}/href")

"""The kinds of entity that can be published, and where their common terms are in a document."""

from collections.abc import Mapping
from typing import Any

STAC_TYPES = {
    "product": "Collection",
    "project": "Collection",
    "theme": "Catalog",
    "variable": "Catalog",
    "mission": "Catalog",
}
RECORD_KINDS = ("workflow", "experiment")
KINDS = (*STAC_TYPES, *RECORD_KINDS)
VOCABULARIES = ("project", "theme", "variable", "mission")
MAX_TITLE = 300


def title_of(kind: str, document: Mapping[str, Any]) -> str:
    """The title to show for a document, or its id when it has none."""
    places = [document]
    if kind in RECORD_KINDS and isinstance(document.get("properties"), dict):
        places.insert(0, document["properties"])
    for place in places:
        title = place.get("title")
        if isinstance(title, str) and title.strip():
            return printable(title[:MAX_TITLE])
    return printable(str(document.get("id", ""))[:MAX_TITLE])


def media_type(kind: str) -> str:
    return "application/geo+json" if kind in RECORD_KINDS else "application/json"


def printable(text: str) -> str:
    """The text on one line, with what cannot be stored or sent (NUL, ...) as '?'."""
    if text.isprintable():
        return text
    sent = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
    return " ".join(sent.split())

"""Careful reading of documents whose members may be of any type."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

ENTITY_FILES = re.compile(
    r"(?:^|/)(?P<folder>products|projects|workflows|experiments|themes|variables|eo-missions)"
    r"/(?P<id>[^/]+)/(?:collection|catalog|record)\.json$"
)
ENTITY_ROUTES = re.compile(
    r"/(?:stac/(?P<folder>collections)|records/collections/(?P<records>workflows|experiments)/items"
    r"|publish/entities/(?P<kind>\w+))/(?P<id>[^/]+)/?$"
)
KINDS = {
    "products": "product",
    "collections": "product",
    "projects": "project",
    "workflows": "workflow",
    "experiments": "experiment",
    "themes": "theme",
    "variables": "variable",
    "eo-missions": "mission",
}


def text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def texts(value: Any) -> list[str]:
    """A text, or the texts of a list."""
    values = value if isinstance(value, list | tuple) else [value]
    return [found for found in map(text, values) if found]


def truth(value: Any) -> bool | None:
    """true, "true" and ["true"] are all in use for a boolean."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def properties(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(document.get("properties"))


def links(document: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any], str]]:
    """(index, link, href) of the links that have an address."""
    found = document.get("links")
    for index, link in enumerate(found if isinstance(found, list) else []):
        href = text(mapping(link).get("href"))
        if href:
            yield index, link, href.strip()


def media_type(value: Any) -> str:
    """The type without parameters, in lower case; "" when there is none."""
    return (text(value) or "").partition(";")[0].strip().lower()


def path_of(href: str) -> str:
    try:
        return urlsplit(href).path
    except ValueError:
        return ""


def entity_of(href: str) -> tuple[str, str] | None:
    """(kind, id) of the entity a link points at: by file of the catalogue, or by our routes."""
    path = path_of(href)
    if match := ENTITY_FILES.search(path):
        return KINDS[match["folder"]], unquote(match["id"])
    if match := ENTITY_ROUTES.search(path):
        folder = match["folder"] or match["records"]
        return (KINDS[folder] if folder else match["kind"]), unquote(match["id"])
    return None


def is_absolute(href: str) -> bool:
    try:
        return bool(urlsplit(href).scheme)
    except ValueError:
        return False


def attachment_name(href: str) -> str | None:
    """``input.yaml`` for ``./input.yaml``: a relative link to a file beside the document."""
    if is_absolute(href) or href.startswith(("/", "#", "?")):
        return None
    path = path_of(href).removeprefix("./")
    return unquote(path) if path and "/" not in path and path != ".." else None

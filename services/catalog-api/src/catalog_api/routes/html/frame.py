"""What surrounds every page: its own address, the way to it, and where else to go."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from earthcode_common.ogc.links import with_query

PLACES = (("", "Catalogue"), ("/collections", "Collections"), ("/search", "Items"))


class Frame(NamedTuple):
    """``path`` as in the request, ``asked`` its parameters."""

    public_url: str
    path: str
    asked: list[tuple[str, str]]

    @property
    def root(self) -> str:
        return f"{self.public_url}/stac"

    @property
    def here(self) -> str:
        return f"{self.public_url}{self.path}"

    def navigation(self) -> list[dict[str, Any]]:
        return [
            {"href": f"{self.root}{place}", "title": title, "here": self.path == f"/stac{place}"}
            for place, title in PLACES
        ]

    def without_token(self) -> str:
        rest = [(key, value) for key, value in self.asked if key != "token"]
        return with_query(self.here, rest)


def links_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The links of a document that have the form of links, with text where text belongs."""
    found = document.get("links")
    each = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [
        {name: _text(one.get(name)) for name in ("rel", "href", "type", "title", "method")}
        for one in each
        if isinstance(one.get("href"), str)
    ]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def href_of(document: Mapping[str, Any], rel: str) -> str:
    return next((one["href"] for one in links_of(document) if one["rel"] == rel), "")


def crumbs(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """From the root to the parent, as the document's own links say."""
    found: list[dict[str, str]] = []
    for rel, name in (("root", "Catalogue"), ("parent", "Parent"), ("collection", "Collection")):
        for one in links_of(document):
            if one["rel"] == rel and one["href"] not in [crumb["href"] for crumb in found]:
                title = name if rel == "root" else one["title"] or _last(one["href"]) or name
                found.append({"href": one["href"], "title": title})
    return found


def _last(href: str) -> str:
    return href.rstrip("/").rpartition("/")[2]

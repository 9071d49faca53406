"""What surrounds every page: its own address, the way to it, and where else to go."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from earthcode_common.html.loose import mappings, text
from earthcode_common.ogc.links import with_query


class Site(NamedTuple):
    """The pages of one API: where it begins, and (path, title) of its main places."""

    prefix: str
    name: str
    places: Sequence[tuple[str, str]]


class Frame(NamedTuple):
    """``path`` as in the request, ``asked`` its parameters."""

    site: Site
    public_url: str
    path: str
    asked: list[tuple[str, str]]

    @property
    def root(self) -> str:
        return f"{self.public_url}{self.site.prefix}"

    @property
    def here(self) -> str:
        return f"{self.public_url}{self.path}"

    def values(self, offers: Iterable[tuple[str, str, str]] = ()) -> dict[str, Any]:
        """What ``base.html`` needs; ``offers``: (name of ``f``, media type, title) of the rest."""
        return {
            "home": self.public_url,
            "navigation": self.navigation(),
            "formats": [
                {"title": title, "media": media, "href": self.with_parameters(f=name)}
                for name, media, title in offers
            ],
            "crumbs": [],
            "summary": "",
        }

    def navigation(self) -> list[dict[str, Any]]:
        prefix = self.site.prefix
        return [
            {"href": f"{self.root}{place}", "title": title, "here": self.path == prefix + place}
            for place, title in self.site.places
        ]

    def with_parameters(self, **changed: str | None) -> str:
        """This address with some parameters changed, or (None) left out."""
        rest = [(key, value) for key, value in self.asked if key not in changed]
        return with_query(self.here, [*rest, *((k, v) for k, v in changed.items() if v)])

    def without(self, name: str, **changed: str | None) -> str:
        return self.with_parameters(**{name: None} | changed)


def links_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The links of a document that have the form of links, with text where text belongs."""
    return [
        {name: text(one.get(name)) for name in ("rel", "href", "type", "title", "method")}
        for one in mappings(document.get("links"))
        if isinstance(one.get("href"), str)
    ]


def href_of(document: Mapping[str, Any], rel: str) -> str:
    return next((one["href"] for one in links_of(document) if one["rel"] == rel), "")


def crumbs(document: Mapping[str, Any], frame: Frame) -> list[dict[str, str]]:
    """From the root to the parent, as the document's own links say."""
    found: list[dict[str, str]] = []
    for rel, name in (("root", ""), ("parent", "Parent"), ("collection", "Collection")):
        for one in links_of(document):
            if one["rel"] == rel and one["href"] not in [crumb["href"] for crumb in found]:
                title = one["title"] or _last(one["href"]) or name if name else frame.site.name
                found.append({"href": one["href"], "title": title})
    every = found or [{"href": frame.root, "title": frame.site.name}]
    return [one for one in every if one["href"] != frame.here]


def paging(document: Mapping[str, Any], returned: int, frame: Frame) -> dict[str, Any]:
    """How many members a page of a list shows, of how many, and where the others are."""
    matched, asked = document.get("numberMatched"), dict(frame.asked)
    return {
        "returned": returned,
        "matched": matched if isinstance(matched, int) else None,
        "next": href_of(document, "next"),
        "first": frame.with_parameters(token=None, offset=None)
        if "token" in asked or "offset" in asked
        else "",
    }


def _last(href: str) -> str:
    return href.rstrip("/").rpartition("/")[2]

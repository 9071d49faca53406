"""What a served record says, read once and with tolerance, for all formats alike."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import shapely
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.entities import BASE, FOLDERS, label, target_of, theme_ids

from records_api.domain import external_ids, licenses
from records_api.domain.links import record_address
from records_api.representations import places, values
from records_api.representations.agents import Agent, agents

KINDS = {label(kind): kind for kind in FOLDERS}
DOI = "https://doi.org/"
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+", re.ASCII)
NOT_CONTENT = ("self", "alternate", "root", "parent", "collection", "profile", "license")
ROLES = {
    "data": ("enclosure", "download", "data", "archives", "via", "item", "items"),
    "code": ("application", "jupyter-notebook", "process-graph", "git", "vcs"),
    "input": ("input", "additional-required-dataset"),
    "environment": ("environment",),
    "platform": ("application-platform", "application-originating-platform"),
    "publication": ("cite-as", "preprint", "related-publication", "related-publication-(preprint)"),
    "document": ("describedby", "documentation", "help", "about", "service-doc", "example"),
}
ROLE_OF = {rel: role for role, rels in ROLES.items() for rel in rels}


class Linked(NamedTuple):
    """``role`` is one of ROLES or "other"; ``rel`` in lower case, with - for spaces."""

    href: str
    rel: str
    role: str
    type: str | None
    title: str


class Related(NamedTuple):
    kind: str
    id: str
    href: str
    title: str


class License(NamedTuple):
    """``href`` is None for an expression of several licences, or one that is only named."""

    name: str
    href: str | None
    spdx: bool


class Format(NamedTuple):
    name: str
    media: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """``here`` is the record's address, ``collection`` that of its catalogue."""

    id: str
    kind: str
    here: str
    collection: str
    title: str
    description: str
    language: str
    keywords: list[str]
    created: datetime | None
    updated: datetime | None
    version: str
    license: License | None
    agents: list[Agent]
    doi: str | None
    themes: list[tuple[str, str]]
    formats: list[Format]
    links: list[Linked]
    related: list[Related]
    shape: shapely.Geometry | None
    interval: Interval | None
    properties: Mapping[str, Any]

    def relatives(self, *kinds: str) -> list[Related]:
        return [one for one in self.related if one.kind in kinds]

    def linked(self, *roles: str) -> list[Linked]:
        return [one for one in self.links if one.role in roles]


def facts(record: Mapping[str, Any], public_url: str) -> Facts:
    """``record`` as it is served, with public addresses in its links."""
    properties = record.get("properties")
    said = properties if isinstance(properties, dict) else {}
    links = values.mappings(record.get("links"))
    id = values.text(record.get("id")) or "unnamed"
    collection = _href(links, "collection") or f"{public_url}/records"
    here = _href(links, "self") or f"{collection}/items"
    title = values.text(said.get("title")) or id
    related = list(_related(links, public_url, here))
    content = list(_content(links, {one.href for one in related}, public_url))
    return Facts(
        id=id,
        kind=values.text(said.get("type")) or "record",
        here=here,
        collection=collection,
        title=title,
        description=values.text(said.get("description")) or title,
        language=values.language(said.get("language")),
        keywords=values.texts(said.get("keywords")),
        created=values.moment(said.get("created")),
        updated=values.moment(said.get("updated")),
        version=_plain(said.get("version")),
        license=_license(record, said, links),
        agents=agents(said.get("contacts")),
        doi=_doi(said, content),
        themes=list(_themes(said)),
        formats=list(_formats(said.get("formats"))),
        links=content,
        related=related,
        shape=places.shape_of(record.get("geometry")),
        interval=places.interval_of(record.get("time")),
        properties=said,
    )


def _href(links: list[dict[str, Any]], rel: str) -> str:
    found = (values.iri(one.get("href")) for one in links if one.get("rel") == rel)
    return values.first(found) or ""


def _plain(value: Any) -> str:
    return values.text(value) or (str(value) if type(value) in (int, float) else "")


def _related(links: list[dict[str, Any]], public_url: str, here: str) -> Iterator[Related]:
    """The entities that generated links lead to: their title begins with their kind.

    A product is the record of it here: what is said of it is found there.
    """
    for one in links:
        href = values.iri(one.get("href"))
        if one.get("rel") != "related" or not href or href == here:
            continue
        name, _, title = values.text(one.get("title")).partition(": ")
        target = target_of(href, public_url) if href.startswith(f"{public_url}/") else None
        if target and name in KINDS:
            if KINDS[name] == "product":
                href = record_address(target).replace(BASE, public_url)
            yield Related(KINDS[name], values.text(target.id), href, title or target.id)


def _content(links: list[dict[str, Any]], known: set[str], public_url: str) -> Iterator[Linked]:
    """What the record itself links to, each address once for each relation."""
    seen: set[tuple[str, str]] = set()
    for one in links:
        rel = values.text(one.get("rel")).lower().replace(" ", "-").replace("_", "-")
        href = values.iri(one.get("href"))
        if not href or href in known or rel in NOT_CONTENT or (rel, href) in seen:
            continue
        if rel == "via" and href.startswith(f"{public_url}/"):
            continue  # the document as it was submitted
        seen.add((rel, href))
        role, media = ROLE_OF.get(rel, "other"), values.media_type(one.get("type"))
        yield Linked(href, rel, role, media, values.text(one.get("title")))


def _license(
    record: Mapping[str, Any], said: Mapping[str, Any], links: list[dict[str, Any]]
) -> License | None:
    name = values.text(said.get("license"))
    if licenses.is_expression(name):
        single = licenses.IDENTIFIER.fullmatch(name)
        return License(name, f"{licenses.SPDX}{name}" if single else None, True)
    stated = values.text(_stated(record)) or name
    href = values.first(values.iri(one.get("href")) for one in links if one.get("rel") == "license")
    return License(stated or "other", href, False) if stated or href else None


def _stated(record: Mapping[str, Any]) -> Any:
    """The licence as it was submitted, where "other" stands for it."""
    for mark in values.mappings(record.get("earthcode:derived")):
        if mark.get("member") == "properties.license":
            return next((one.get("value") for one in values.mappings(mark.get("from"))), None)
    return None


def _doi(said: Mapping[str, Any], links: list[Linked]) -> str | None:
    """Without its prefix; from the record's identifiers, else from where it wants to be cited."""
    cited = (one.href for one in links if one.rel == "cite-as")
    for name in [*external_ids.forms(said), *external_ids.forms({"externalIds": [*cited]})]:
        if name.startswith(f"{DOI}10."):
            bare = values.text(name.removeprefix(DOI))
            return bare if _DOI.fullmatch(bare) else None
    return None


def _themes(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(scheme, id) of each concept."""
    for theme in values.mappings(said.get("themes")):
        scheme = values.iri(theme.get("scheme")) or ""
        for id in theme_ids([theme]):
            if name := values.text(id):
                yield scheme, name


def _formats(value: Any) -> Iterator[Format]:
    for one in values.mappings(value):
        media = values.media_type(one.get("mediaType"))
        name = values.text(one.get("name")) or media or ""
        if name:
            yield Format(name, media or values.media_type(name))

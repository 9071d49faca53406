"""FAIR Signposting, levels 1 and 2: what machines find from a record without reading it.

https://signposting.org/FAIR/: typed links as a header (RFC 8288) and as a link set (RFC 9264).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from records_api.representations.agents import creators
from records_api.representations.facts import DOI, Facts, facts
from records_api.representations.format import Format
from records_api.representations.schema_org_kinds import TYPES

LINKSET = "application/linkset+json"
HTML = "text/html"
SCHEMA_ORG = "https://schema.org/"
CONTENT = ("data", "code", "input", "environment")
FEW = 20  # of one relation in the header; the link set has all


class Sign(NamedTuple):
    rel: str
    href: str
    type: str = ""
    profile: str = ""


def header(document: Mapping[str, Any], public_url: str, offers: Sequence[Format]) -> str:
    """The field value of ``Link``."""
    found = facts(document, public_url)
    here = Sign("linkset", f"{found.here}?f=linkset", LINKSET)
    counted: dict[str, int] = {}
    kept = []
    for one in _signs(found, offers):
        counted[one.rel] = counted.get(one.rel, 0) + 1
        if counted[one.rel] <= FEW:
            kept.append(one)
    return ", ".join(map(_field, [*kept, here]))


def _field(one: Sign) -> str:
    more = [
        f'; {name}="{getattr(one, name)}"' for name in ("type", "profile") if getattr(one, name)
    ]
    return f'<{one.href}>; rel="{one.rel}"{"".join(more)}'


def _signs(found: Facts, offers: Sequence[Format]) -> Iterator[Sign]:
    """Of the landing page: one ``cite-as``, and what describes, makes up and limits the object."""
    yield Sign("cite-as", f"{DOI}{found.doi}" if found.doi else found.here)
    for kind in _types(found):
        yield Sign("type", SCHEMA_ORG + kind)
    if found.license and found.license.href:
        yield Sign("license", found.license.href)
    for one in creators(found.agents):
        if address := one.orcid or one.url:
            yield Sign("author", address)
    yield Sign("collection", found.collection)
    yield from _descriptions(found, offers)
    for each in found.linked(*CONTENT):
        yield Sign("item", each.href, each.type or "")


def _types(found: Facts) -> list[str]:
    kinds = TYPES.get(found.kind, "CreativeWork")
    return ["AboutPage", kinds[0] if isinstance(kinds, list) else kinds]


def _descriptions(found: Facts, offers: Sequence[Format]) -> Iterator[Sign]:
    for one in offers:
        if one.media not in (HTML, LINKSET):
            media, _, named = one.media.partition(";profile=")
            profile = one.profile or named.strip('"')
            yield Sign("describedby", f"{found.here}?f={one.name}", media, profile)


def linkset(
    document: Mapping[str, Any], public_url: str, offers: Sequence[Format]
) -> dict[str, Any]:
    """Links of the landing page, and those back to it from what it leads to."""
    found = facts(document, public_url)
    signs = list(_signs(found, offers))
    own: dict[str, Any] = {"anchor": found.here}
    for one in signs:
        own.setdefault(one.rel, []).append(_target(one))
    back = [{"href": found.here, "type": HTML}]
    described = [
        {"anchor": one.href, "describes": back} for one in signs if one.rel == "describedby"
    ]
    items = dict.fromkeys(one.href for one in signs if one.rel == "item")
    return {"linkset": [own, *({"anchor": href, "collection": back} for href in items), *described]}


def _target(one: Sign) -> dict[str, Any]:
    made: dict[str, Any] = {"href": one.href}
    if one.type:
        made["type"] = one.type
    return made | ({"profile": [one.profile]} if one.profile else {})

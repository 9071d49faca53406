"""What resources can be had as: the one place that knows media types and names of ``f``.

Each kind of resource has a list, the default first. To add a format, add a ``Format`` with its
renderer to the lists it is for: negotiation, ``f=``, links ``alternate`` and the OpenAPI document
follow.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from earthcode_common.ogc.links import GEOJSON, JSON, OPENAPI, SCHEMA, with_query
from earthcode_common.ogc.negotiation import accepted
from earthcode_common.problems import BadRequest
from fastapi import Request

from records_api.domain.catalog import FACETS
from records_api.domain.links import ALTERNATES, CATALOG_JSON


class Shown(NamedTuple):
    """What a renderer may need beside the JSON text, which holds public addresses.

    ``here`` is the public address without its query, ``asked`` the query.
    """

    public_url: str
    here: str
    asked: list[tuple[str, str]]


Render = Callable[[str, Shown], bytes]


def as_it_is(text: str, shown: Shown) -> bytes:
    return text.encode()


def no_headers(public_url: str) -> Mapping[str, str]:
    return {}


class Format(NamedTuple):
    """``render(text, shown)``: the representation, from the JSON text of the resource."""

    name: str
    media: str
    title: str
    render: Render = as_it_is
    headers: Callable[[str], Mapping[str, str]] = no_headers


PLAIN = Format("json", JSON, "JSON")
RECORD = [Format("geojson", GEOJSON, "GeoJSON"), PLAIN]
RECORDS = [Format("geojson", GEOJSON, "GeoJSON"), PLAIN]
CATALOG = [Format("catalog", CATALOG_JSON, "Catalogue as JSON"), PLAIN]
DOCUMENT = [PLAIN]
SCHEMAS = [Format("json", SCHEMA, "JSON Schema")]
COUNTABLE = [Format("json", FACETS, "JSON")]
API = [Format("openapi", OPENAPI, "OpenAPI 3.0"), PLAIN]
BY_KIND = {"record": RECORD, "catalog": CATALOG, "document": DOCUMENT}

_MARK = re.compile(f"{ALTERNATES}([a-z]+) ([^{ALTERNATES}]*){ALTERNATES},?")


def chosen(request: Request, offers: Sequence[Format]) -> Format:
    """By ``f`` first, else by ``Accept``; raises BadRequest or NotAcceptable."""
    name = request.query_params.get("f")
    if name is not None:
        return _named(name, offers)
    accept = request.headers.get("accept")
    if accept is None or accept == "*/*":
        return offers[0]
    media = accepted(accept, [one.media for one in offers])
    return next(one for one in offers if one.media == media)


def _named(name: str, offers: Sequence[Format]) -> Format:
    found = next((one for one in offers if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in offers)
        detail = f"f={name[:40]!a} is not a format of this resource"
        raise BadRequest(detail, parameter="f", hint=f"there is {known}")
    return found


def with_alternates(text: str) -> str:
    """The text with a link for every other representation where the mark of ``alternates`` is."""
    return _MARK.sub(_links, text) if ALTERNATES in text else text


def _links(found: re.Match[str]) -> str:
    kind, href = found.groups()
    made = "".join(
        f'{{"rel":"alternate","href":"{href}?f={one.name}","type":"{one.media}",'
        f'"title":"{one.title}"}},'
        for one in BY_KIND[kind][1:]
    )
    return made if found[0].endswith(",") else made[:-1]


def alternates_of(
    href: str, asked: Sequence[tuple[str, str]], offers: Sequence[Format], shown: Format
) -> list[dict[str, str]]:
    """Links to the other representations of a page that depends on its query."""
    rest = [(key, value) for key, value in asked if key != "f"]
    return [
        {
            "rel": "alternate",
            "href": with_query(href, [*rest, ("f", one.name)]),
            "type": one.media,
            "title": one.title,
        }
        for one in offers
        if one is not shown
    ]

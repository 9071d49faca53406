"""What resources can be had as: the one place that knows media types and names of ``f``.

Each kind of resource has a list, the default first. To add a format, add a ``Format`` with its
renderer to the lists it is for: negotiation, ``f=``, links ``alternate`` and the OpenAPI document
follow.
"""

import re
from collections.abc import Sequence
from functools import cache

from earthcode_common.ogc import negotiation
from earthcode_common.ogc.jsontext import dump
from earthcode_common.ogc.links import GEOJSON, JSON, OPENAPI, SCHEMA, Link, link, with_query
from fastapi import Request

from records_api.domain.catalog import FACETS
from records_api.domain.links import ALTERNATES, CATALOG_JSON
from records_api.representations import crawling, exchange
from records_api.representations.format import Format as Format
from records_api.routes.html import catalogs, described, format_of, records

PLAIN = Format("json", JSON, "JSON")
RECORD = [Format("geojson", GEOJSON, "GeoJSON"), PLAIN, format_of(records.record)]
RECORDS = [Format("geojson", GEOJSON, "GeoJSON"), PLAIN, format_of(records.records)]
CATALOG = [Format("catalog", CATALOG_JSON, "Catalogue as JSON"), PLAIN, format_of(catalogs.catalog)]
LANDING = [PLAIN, format_of(catalogs.landing), *crawling.CATALOG]
RECORD += [*crawling.RECORD, *exchange.RECORD]
RECORDS += exchange.PAGE
CATALOG += [*crawling.CATALOG, *exchange.CATALOG]
DOCUMENT = [PLAIN, format_of(catalogs.document)]
SCHEMAS = [Format("json", SCHEMA, "JSON Schema"), format_of(described.properties)]
COUNTABLE = [Format("json", FACETS, "JSON"), format_of(described.facets)]
API = [Format("openapi", OPENAPI, "OpenAPI 3.0"), PLAIN, format_of(described.api)]
BY_KIND = {"record": RECORD, "catalog": CATALOG, "landing": LANDING, "document": DOCUMENT}

_MARK = re.compile(f"{ALTERNATES}([a-z]+) ([^{ALTERNATES}]*){ALTERNATES},?")


def chosen(request: Request, offers: Sequence[Format]) -> Format:
    """By ``f`` first, else by ``Accept``; raises BadRequest or NotAcceptable."""
    name = request.query_params.get("f")
    if name is not None:
        found = next((one for one in offers if one.name == name), None)
        return found or negotiation.refuse(name, [one.name for one in offers])
    media = negotiation.by_accept(request, [one.media for one in offers])
    return next(one for one in offers if one.media == media)


def with_alternates(text: str) -> str:
    """The text with a link for every other representation where the mark of ``alternates`` is."""
    return _MARK.sub(_links, text) if ALTERNATES in text else text


def _links(found: re.Match[str]) -> str:
    kind, href = found.groups()
    made = ",".join([f'{{"rel":"alternate","href":"{href}{rest}' for rest in _rests(kind)])
    return f"{made}," if made and found[0].endswith(",") else made


@cache
def _rests(kind: str) -> list[str]:
    """What comes after the address of each other representation: a page has many of them."""
    return [
        f'?f={one.name}","type":{dump(one.media)},"title":{dump(one.title)}}}'
        for one in BY_KIND[kind][1:]
    ]


def alternates_of(
    href: str, asked: Sequence[tuple[str, str]], offers: Sequence[Format], shown: Format
) -> list[Link]:
    """Links to the other representations of a page that depends on its query."""
    same = with_query(href, [(key, value) for key, value in asked if key != "f"])
    start = f"{same}{'?' if same == href else '&'}f="
    others = [one for one in offers if one is not shown]
    return [link("alternate", start + one.name, one.media, one.title) for one in others]

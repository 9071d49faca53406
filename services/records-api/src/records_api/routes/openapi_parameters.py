"""The parameters of the OpenAPI document."""

from collections.abc import Iterable, Sequence

from earthcode_common.ogc.cql2 import Queryable

from records_api.domain import facets, local, profiles
from records_api.domain.catalog import CRS84
from records_api.domain.kinds import COLLECTIONS
from records_api.domain.queryables import KNOWN, MAX_KEYS, sortables
from records_api.routes.formats import Format
from records_api.routes.parameters import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MAX_OFFSET,
    MAX_TYPE,
    PROPERTIES,
)
from records_api.routes.schemas import Schema

TEXT: Schema = {"type": "string", "pattern": "^[^\\u0000]*$"}
_TEXTS: Schema = {"type": "array", "items": TEXT}
_COUNTED = f"^({'|'.join(facets.NAMES)})(:[1-9][0-9]{{0,2}}(:({'|'.join(facets.ORDERS)}))?)?$"


def _query(name: str, description: str, schema: Schema, *, listed: bool = False) -> Schema:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": not listed,
    }


def _path(name: str, description: str, schema: Schema) -> Schema:
    about = {"name": name, "in": "path", "required": True, "description": description}
    return about | {"schema": schema}


def formats_parameter(offers: Sequence[Format]) -> Schema:
    named = ", ".join(f"{one.name} ({one.media})" for one in offers)
    schema = {"type": "string", "enum": [one.name for one in offers]}
    return _query("f", f"The representation, instead of Accept: {named}", schema)


def _property(name: str, known: Queryable) -> Schema:
    about = f"{known.title}. Records with this value"
    if known.kind == "instant":
        return _query(name, f"{about}.", {"type": "string", "format": "date-time"})
    return _query(name, f"{about}, or with any of several.", _TEXTS, listed=True)


def _order(names: Iterable[str], more: str = "") -> Schema:
    about = "Names of sortables, + or nothing before them for ascending, - for descending."
    signed = [sign + name for name in names for sign in ("", "-", "+")]
    schema = {
        **{"type": "array", "minItems": 1, "maxItems": MAX_KEYS},
        "items": {"type": "string", "pattern": "[+|-]?[A-Za-z_].*", "enum": signed},
    }
    return _query("sortby", about + more, schema, listed=True)


PARAMETERS: Schema = {
    "collectionId": _path(
        "collectionId", "Which catalogue", {"type": "string", "enum": list(COLLECTIONS)}
    ),
    "profileId": _path("profileId", "Which profile", {"type": "string", "enum": [profiles.NAME]}),
    "recordId": _path("recordId", "Identifier of the record", TEXT),
    "after": _query("after", "The record after which this part begins", TEXT),
    "bbox": _query(
        "bbox",
        "west,south,east,north in CRS84 (with heights: six numbers); west > east crosses the"
        " antimeridian. Records without geometry match every box, see match-missing.",
        {
            **{"type": "array", "minItems": 4, "maxItems": 6},
            "items": {"type": "number", "minimum": -180, "maximum": 180},
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        },
        listed=True,
    ),
    "datetime": _query(
        "datetime",
        "An RFC 3339 instant, or two with / between, of which one may be .. or empty. Records"
        " without time match always, see match-missing.",
        {"type": "string", "format": "datetime-interval"},
    ),
    "match-missing": _query(
        "match-missing",
        "Whether records without geometry match bbox, and records without time match datetime, as"
        " the standard wants (OGC API - Features Part 1, 7.15).",
        {"type": "boolean", "default": True},
    ),
    "q": _query(
        "q",
        "Words in title, description or keywords: commas separate alternatives, the words of one"
        " follow one another, its last one may be the beginning of a word. Case and accents do"
        " not matter.",
        _TEXTS,
        listed=True,
    ),
    "type": _query(
        "type",
        "Types of records, any of them",
        {"type": "array", "items": {**TEXT, "maxLength": MAX_TYPE}},
        listed=True,
    ),
    "ids": _query("ids", "Identifiers of records, any of them", _TEXTS, listed=True),
    "externalIds": _query(
        "externalIds",
        "Identifiers given by others, any of them: value, scheme:value or scheme:",
        {
            **{"type": "array", "minItems": 1},
            "items": {"type": "string", "pattern": "([^:]+:)?[^:]+", "allOf": [TEXT]},
        },
        listed=True,
    ),
    "filter": _query(
        "filter",
        "CQL2 over the queryables, for example license = 'MIT' AND updated > DATE('2025-01-01')."
        " Records without geometry or time do not match predicates of place and time here.",
        {"type": "string", "format": "cql2-text"},
    ),
    "filter-lang": _query(
        "filter-lang",
        "The language of filter",
        {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
    ),
    "filter-crs": _query(
        "filter-crs",
        "The coordinate reference system of filter",
        {"type": "string", "enum": [CRS84], "default": CRS84},
    ),
    "sortby": _order(sortables().known, " There are more: see the sortables of each catalogue."),
    "sortbyOfCollections": _order(local.SORTED),
    "facets": _query(
        "facets",
        "What to count over all records that are found: names of facets, with :number of buckets"
        " and :order where wanted; with limit=0 nothing but counts.",
        {"type": "array", "items": {"type": "string", "pattern": _COUNTED}},
        listed=True,
    ),
    "limit": _query(
        "limit",
        f"How many a page holds at most: up to {MAX_LIMIT}, a greater number counts as {MAX_LIMIT}",
        {"type": "integer", "minimum": 1, "default": DEFAULT_LIMIT},
    ),
    "offset": _query(
        "offset",
        "How many records to skip",
        {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
    ),
    "profile": _query(
        "profile",
        "Profiles that the content should follow; it has ogc-record or ogc-catalog, whatever is"
        " asked for",
        _TEXTS,
        listed=True,
    ),
} | {name: _property(name, KNOWN[name]) for name in PROPERTIES}

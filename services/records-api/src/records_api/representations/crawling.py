"""What crawlers take: schema.org as JSON-LD, and the links of FAIR Signposting."""

from typing import Any

import orjson

from records_api.representations import schema_org, schema_org_catalog, signposting
from records_api.representations.format import Context, Format, of_json


def _record(document: dict[str, Any], context: Context) -> bytes:
    return orjson.dumps(schema_org.record(document, context.public_url))


def _catalog(document: dict[str, Any], context: Context) -> bytes:
    return orjson.dumps(schema_org_catalog.catalog(document, context.public_url))


def _linkset(document: dict[str, Any], context: Context) -> bytes:
    return orjson.dumps(signposting.linkset(document, context.public_url, context.offers))


PROFILE = schema_org.PROFILE
JSONLD = f'application/ld+json;profile="{PROFILE}"'
TITLE = "schema.org as JSON-LD"
RECORD = [
    Format("jsonld", JSONLD, TITLE, of_json(_record), profile=PROFILE),
    Format("linkset", signposting.LINKSET, "Links (FAIR Signposting)", of_json(_linkset)),
]
CATALOG = [Format("jsonld", JSONLD, TITLE, of_json(_catalog), profile=PROFILE)]

"""Link objects (RFC 8288 as JSON), always with absolute addresses under the public one."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
HTML = "text/html"
NDJSON = "application/x-ndjson"
PARQUET = "application/vnd.apache.parquet"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
OPENAPI_31 = "application/vnd.oai.openapi+json;version=3.1"

Link = dict[str, Any]


def link(rel: str, href: str, type: str | None = JSON, title: str | None = None) -> Link:
    made: Link = {"rel": rel, "href": href}
    if type:
        made["type"] = type
    if title:
        made["title"] = title
    return made


def address(base: str, *segments: str) -> str:
    """``base`` with path segments, each percent-encoded as a whole (ids may hold ``/``)."""
    return "/".join([base.rstrip("/"), *(quote(segment, safe=":@,+~") for segment in segments)])


def with_query(href: str, parameters: Iterable[tuple[str, str]] | Mapping[str, str]) -> str:
    """``href`` with a query string; commas, colons and slashes stay readable."""
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    query = urlencode(list(pairs), safe=",:/", quote_via=quote)
    return f"{href}?{query}" if query else href


def page_links(
    href: str,
    parameters: Iterable[tuple[str, str]],
    next_token: str | None,
    *,
    type: str = GEOJSON,
    name: str = "token",
) -> list[Link]:
    """``self`` (as it was asked) and ``next`` (the same with the token) of a page got by GET."""
    asked = list(parameters)
    links = [link("self", with_query(href, asked), type)]
    if next_token:
        rest = [(key, value) for key, value in asked if key not in (name, "offset")]
        links.append(link("next", with_query(href, [*rest, (name, next_token)]), type))
    return links

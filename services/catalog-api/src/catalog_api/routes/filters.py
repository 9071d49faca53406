"""The parameters ``filter``, ``filter-lang``, ``filter-crs`` and ``query``."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from earthcode_common.ogc import cql2
from earthcode_common.ogc.query import Query
from earthcode_common.problems import BadRequest

from catalog_api.domain import stacql
from catalog_api.domain.queryables import Known, queryables
from catalog_api.routes.models import CRS84


def narrowed(query: Query, given: Mapping[str, Any], known: Known, table: sa.Table) -> Query:
    """The query with what was asked for by filters; raises BadRequest."""
    for expression in _expressions(given, known):
        query = cql2.bind(expression, queryables(known)).narrow(query, table)
    return query


def _expressions(given: Mapping[str, Any], known: Known) -> Iterator[cql2.Expression]:
    lang, crs = _said(given, "filter-lang"), _said(given, "filter-crs")
    if crs not in (None, CRS84):
        raise BadRequest(f"filter-crs must be {CRS84}", parameter="filter-crs")
    if lang not in (None, cql2.TEXT, cql2.JSON):
        raise BadRequest("filter-lang is cql2-text or cql2-json", parameter="filter-lang")
    if given.get("filter") is not None:
        yield _filter(given["filter"], lang)
    if given.get("query") is not None:
        asked = stacql.expression(_query(given["query"]), known)
        yield cql2.parse(asked, cql2.JSON, pointer="/query")


def _said(given: Mapping[str, Any], name: str) -> Any:
    """Parameters of an address have the names of Python, members of a body their own."""
    return given.get(name, given.get(name.replace("-", "_")))


def _filter(source: Any, lang: str | None) -> cql2.Expression:
    """Text is the default in an address, JSON in a body, where it need not be said."""
    text = isinstance(source, str)
    pointer = None if text else "/filter"
    return cql2.parse(source, lang or (cql2.TEXT if text else cql2.JSON), pointer=pointer)


def _query(source: Any) -> Any:
    if not isinstance(source, str):
        return source
    try:
        return orjson.loads(source)
    except ValueError as error:
        raise stacql.wrong(f"it is not JSON: {error}", "") from error

"""A filter: an expression over queryables, ready for the search store."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
import shapely
import sqlalchemy as sa

from earthcode_common.ogc.cql2.evaluate import decide
from earthcode_common.ogc.cql2.guard import Refused
from earthcode_common.ogc.cql2.lift import lifted
from earthcode_common.ogc.cql2.nodes import (
    CONDITIONS,
    And,
    Condition,
    Constant,
    Field,
    Property,
    Shape,
    Span,
    children,
    mapped,
)
from earthcode_common.ogc.cql2.parse import Expression
from earthcode_common.ogc.cql2.queryables import Queryables
from earthcode_common.ogc.cql2.row_values import Rows
from earthcode_common.ogc.cql2.sql import exact, maybe
from earthcode_common.ogc.cql2.sql_values import Values
from earthcode_common.ogc.query import Candidate, Query

_NOWHERE = Candidate("", "", None, None, None, {})


@dataclass(frozen=True)
class Filter:
    """``fields`` are the properties that the expression names."""

    expression: Expression
    root: Condition
    fields: tuple[Field, ...] = ()

    def narrow(self, query: Query, table: sa.Table) -> Query:
        """The query with the filter as a further condition, over the store's ``table``.

        What the store has an index for becomes part of the query itself (place, time, ids, parts);
        ``refine`` is set only when there is something spatial left that SQL cannot decide.
        Raises BadRequest for operands that make no sense together.
        """
        try:
            return self._narrow(query, table)
        except Refused as error:
            raise self.expression.refused(error) from None

    def _narrow(self, query: Query, table: sa.Table) -> Query:
        narrowed, rest = lifted(query, self.root)
        rest = [part for part in rest if part != Constant(True)]
        if not rest:
            return narrowed
        root = And(tuple(rest))
        where = maybe(Values(table), root)
        if query.where is not None:
            where = sa.and_(query.where, where)
        narrowed = replace(narrowed, where=where, tag=query.tag + self._tag())
        return narrowed if exact(root) else replace(narrowed, refine=_refine(root, query.refine))

    def _tag(self) -> str:
        try:
            return orjson.dumps(self.expression.json, option=orjson.OPT_SORT_KEYS).decode()
        except TypeError:  # It has no integers beyond 64 bits; bodies may.
            return json.dumps(self.expression.json, sort_keys=True)

    def matches(self, candidates: Sequence[Candidate]) -> list[bool]:
        """Decided in Python alone."""
        return _true(self.root, candidates)


def bind(expression: Expression, queryables: Queryables) -> Filter:
    """Raises BadRequest for a property that is not among the queryables."""
    try:
        named = _named(expression.root, queryables)
        fields = tuple(dict.fromkeys(_fields(named)))
        return Filter(expression, _prepared(named), fields)
    except Refused as error:
        raise expression.refused(error) from None


def _fields(node: Any) -> list[Field]:
    if isinstance(node, Field):
        return [node]
    return [found for child in children(node) for found in _fields(child)]


def _named(node: Any, queryables: Queryables) -> Any:
    if isinstance(node, Property):
        return queryables.field(node)
    return mapped(node, lambda child: _named(child, queryables))


def _prepared(node: Any) -> Any:
    """Shapes prepared, conditions without a property worked out, the row's whole time seen."""
    if isinstance(node, Shape):
        shapely.prepare(node.geometry)
    if isinstance(node, CONDITIONS) and not _has_field(node):
        yes, no = decide(Rows([_NOWHERE]), node)
        return Constant(True if yes[0] else False if no[0] else None)
    if isinstance(node, Span) and _sources(node) == ["start", "end"]:
        return Field("interval", "time", "time")
    return mapped(node, _prepared)


def _has_field(node: Any) -> bool:
    return isinstance(node, Field) or any(map(_has_field, children(node)))


def _sources(span: Span) -> list[Any]:
    return [end.source for end in (span.start, span.end) if isinstance(end, Field)]


def _refine(root: Condition, before: Any) -> Any:
    def refine(candidates: Sequence[Candidate]) -> list[bool]:
        found = _true(root, candidates)
        if before is None:
            return found
        return [a and b for a, b in zip(found, before(candidates), strict=True)]

    return refine


def _true(root: Condition, candidates: Sequence[Candidate]) -> list[bool]:
    found: list[bool] = decide(Rows(candidates), root)[0].tolist()
    return found

"""Values of rows in Python, the counterpart of ``sql_values``; None for what is not there."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from earthcode_common.ogc.cql2 import moments
from earthcode_common.ogc.cql2.fold import folded
from earthcode_common.ogc.cql2.kinds import kind
from earthcode_common.ogc.cql2.nodes import (
    Arithmetic,
    Array,
    Field,
    Fold,
    Literal,
    Moment,
    Shape,
    Span,
    Value,
)
from earthcode_common.ogc.cql2.numbers import calculated, comparable, double, is_number
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START
from earthcode_common.ogc.query import Candidate

Pair = tuple[datetime, datetime]


class Rows:
    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.candidates = candidates

    def __len__(self) -> int:
        return len(self.candidates)

    def any(self, node: Value) -> Sequence[Any]:
        """Of whichever kind: for IS NULL."""
        if isinstance(node, Array | Shape):
            return [node] * len(self)
        if not isinstance(node, Field):
            view: Callable[[Value], Sequence[Any]] = getattr(self, kind(node))
            return view(node)
        if node.source == "geometry":
            return [row.geometry for row in self.candidates]
        if node.source in ("id", "part"):
            return self.text(node)
        return self.time(node) if isinstance(node.source, str) else self.json(node)

    def json(self, node: Value) -> list[Any]:
        if not isinstance(node, Field) or isinstance(node.source, str):
            return [None] * len(self)
        return [_at(row.props, node.source) for row in self.candidates]

    def text(self, node: Value) -> list[str | None]:
        if isinstance(node, Fold):
            found = self.text(node.value)
            return [t if t is None else folded(t, node.case, node.accent) for t in found]
        if isinstance(node, Field) and node.source in ("id", "part"):
            return [getattr(row, node.source) for row in self.candidates]
        return [v if isinstance(v, str) else None for v in self._plain(node)]

    def boolean(self, node: Value) -> list[bool | None]:
        return [v if isinstance(v, bool) else None for v in self._plain(node)]

    def number(self, node: Value) -> list[Any]:
        return [comparable(v) if is_number(v) else None for v in self._plain(node)]

    def double(self, node: Value) -> list[float | None]:
        if isinstance(node, Arithmetic):
            pairs = zip(self.double(node.left), self.double(node.right), strict=True)
            return [calculated(node.op, one, two) for one, two in pairs]
        return [double(v) if is_number(v) else None for v in self._plain(node)]

    def _plain(self, node: Value) -> list[Any]:
        return [node.value] * len(self) if isinstance(node, Literal) else self.json(node)

    def time(self, node: Value, *, raw: bool = False) -> list[Pair | None]:
        if isinstance(node, Literal) and isinstance(node.value, str):
            node = moments.moment(node.value)
        if isinstance(node, Moment):
            return [(node.start, node.end)] * len(self)
        if isinstance(node, Span):
            pairs = zip(self.time(node.start, raw=True), self.time(node.end, raw=True), strict=True)
            return [(one[0], two[1]) if one and two else None for one, two in pairs]
        if isinstance(node, Field) and isinstance(node.source, str):
            return [_column_time(row, node.source, raw) for row in self.candidates]
        return [moments.time_of(value) for value in self._plain(node)]

    def geometry(self) -> Any:
        shapes = np.empty(len(self), dtype=object)
        shapes[:] = [row.geometry for row in self.candidates]
        return shapes


def _column_time(row: Candidate, source: str, raw: bool) -> Pair | None:
    if not row.timed or source not in ("time", "start", "end"):
        return None
    if source == "time":
        return row.start or OPEN_START, row.end or OPEN_END
    found = row.start if source == "start" else row.end
    if found is None and raw:
        found = OPEN_START if source == "start" else OPEN_END
    return None if found is None else (found, found)


def _at(props: Any, paths: Sequence[tuple[str, ...]]) -> Any:
    for path in paths:
        found = props
        for key in path:
            if not isinstance(found, dict) or key not in found:
                break
            found = found[key]
        else:
            return found
    return None

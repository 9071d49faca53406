"""Hits in titles, newest first, where words are common: then few rows hold a page of them.

By relevance, rows with the asked phrase in their title come before all others, newest first
(``order``). PostgreSQL's statistics tell which words are common. The newest rows are looked through
for these, half as many as there may be hits; only if they do not hold a page, all that match are
found, ranked and sorted, which takes some times as long for each. The order is the same.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from earthcode_common.db import ReadSession
from earthcode_common.ogc import filters, order, words
from earthcode_common.ogc.datetimes import NO_TIME
from earthcode_common.ogc.filters import Condition
from earthcode_common.ogc.shape import Asked, Shape
from earthcode_common.ogc.sizes import Sizes, sizes
from earthcode_common.ogc.statements import parameter

LAST = "\U0010ffff"
SPARE = 1.5


async def depth(session: ReadSession, table: str, asked: Asked, after: Any, n: int) -> int:
    """How many of the newest rows to look through for ``n`` hits; 0 when that is not worthwhile."""
    shape = asked.shape
    alike = shape.one_phrase and not shape.sort and asked.query.refine is None
    if not alike or shape.ids or shape.boxes or shape.parts not in (None, 1):
        return 0
    if asked.counts and not asked.only_words:  # All are found anyway, and may be few.
        return 0
    if after is not None and after[0] != order.IN_TITLE:
        return 0
    query, known = asked.query, await sizes(session, table)
    share = _share(known, asked.values[filters.WORDS])
    half = int(known.of(query.parts) * share / 2)
    rows = 1 << half.bit_length()  # so that there are few different statements
    hits = min(rows, known.left(query.parts, query.interval)) * share
    return rows if hits > SPARE * n else 0


def _share(known: Sizes, query: str) -> float:
    """Of the rows, those that have the rarest word of the phrase, as far as it is known."""
    *whole, last = query.strip("()").split(words.THEN)
    start = last.removesuffix(words.BEGINS)
    spans = [(word, f"{word}\0") for word in whole] + [(start, start + LAST)]
    return min(min(1.0, _shares(known, *span)) for span in spans)


def _shares(known: Sizes, low: str, high: str) -> float:
    """Of the words from ``low`` to ``high``, added up."""
    each = known.words
    return sum(share for _, share in each[bisect_left(each, (low,)) : bisect_left(each, (high,))])


def going_on(after: Sequence[Any] | None) -> Sequence[Any] | None:
    """The keys of a row as the order by time has them."""
    return None if after is None else [after[0], after[1] or NO_TIME, after[2]]


def among_newest(
    table: sa.Table, shape: Shape, where: Condition | None, following: bool, depth: int
) -> list[Condition]:
    """The time alone is a condition of the index; all others are tested row by row."""
    row = sa.tuple_(table.c.t0, table.c.seq)
    walked = filters.in_parts(table, shape, 0)
    if shape.interval is not None:
        walked.append(table.c.t0 <= filters.ends()[1])
    if following:
        last = sa.tuple_(parameter("after1", order.MOMENT), parameter("after2", sa.BigInteger))
        walked.append(row < last)
    newest = sa.select(table.c.t0, table.c.seq).where(*walked).order_by(*newest_first(table))
    edge = newest.offset(sa.literal_column(str(depth))).limit(sa.literal_column("1")).cte("e")
    ends = (sa.select(column).scalar_subquery() for column in (edge.c.t0, edge.c.seq))
    tested = map(filters.hidden, _tested(table, shape, where))
    return [*walked, row >= sa.tuple_(*ends), *tested]


def newest_first(table: sa.Table) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    return table.c.t0.desc(), table.c.seq.desc()


def _tested(table: sa.Table, shape: Shape, where: Condition | None) -> list[Condition]:
    found = [filters.matches(table, filters.TITLE)]
    if shape.interval is not None:
        timeless = [sa.not_(table.c.timed)] if shape.match_missing else []
        found.append(sa.or_(filters.meets(table), *timeless))
    if shape.boxes is not None:
        found += filters.in_space(table, shape)
    return found if where is None else [*found, where]

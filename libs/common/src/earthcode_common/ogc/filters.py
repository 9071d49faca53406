"""The conditions of a query as SQL; parameters are named as in ``shape``."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from earthcode_common.ogc.shape import MANY, Shape, storable
from earthcode_common.ogc.statements import parameter
from earthcode_common.ogc.tables import Place

__all__ = ["Condition", "hidden", "of_parts", "storable"]

Condition = sa.ColumnElement[bool]
MOMENT = sa.DateTime(timezone=True)
WORDS, TITLE = "words", "title"
_CORNER = ARRAY(sa.Double)


def plain(table: sa.Table, shape: Shape, where: Condition | None) -> list[Condition]:
    """What neither part, place nor time decides: ids, free text, the caller's own condition."""
    found: list[Condition] = []
    if shape.ids:
        found.append(table.c.id == sa.any_(parameter("ids", ARRAY(sa.Text))))
    if shape.words is not None:
        found.append(matches(table, WORDS) if shape.words else sa.false())
    if where is not None:
        found.append(where)
    return found


def matches(table: sa.Table, name: str) -> Condition:
    """The row's words match the query of that name."""
    return table.c.words.bool_op("@@")(tsquery(name))


def tsquery(name: str) -> sa.ColumnElement[str]:
    """Of its own type: parsed once, not for every row."""
    return parameter(name, TSQUERY)


def hidden(condition: Condition) -> Condition:
    """The same condition where no index can be used for it and the planner takes it for true.

    It takes every box condition for 0.5 % of the rows. If it believed that few of these are left,
    it would combine two indexes and sort, and that is slow when there are many after all.
    """
    return sa.func.nullif(condition, sa.false()).is_not(None)


def of_parts(table: sa.Table, parts: list[str]) -> Condition:
    return table.c.part == sa.any_(sa.literal(parts, ARRAY(sa.Text)))


def in_parts(table: sa.Table, shape: Shape, number: int | None) -> list[Condition]:
    """``number``: only that one of the parts."""
    if shape.parts is None:
        return []
    if shape.parts == MANY or number is None:
        return [table.c.part == sa.any_(parameter("parts", ARRAY(sa.Text)))]
    return [table.c.part == parameter(f"part{number}", sa.Text)]


def ends() -> tuple[sa.ColumnElement[object], sa.ColumnElement[object]]:
    """Both ends of the asked interval."""
    return parameter("start", MOMENT), parameter("end", MOMENT)


def meets(table: sa.Table) -> Condition:
    """The row's time meets the interval; for rows that another index has narrowed already."""
    start, end = ends()
    return hidden(sa.and_(table.c.timed, table.c.t0 <= end, table.c.t1 >= start))


def begins_within(table: sa.Table) -> Condition:
    start, end = ends()
    return sa.and_(table.c.timed, table.c.t0 >= start, table.c.t0 <= end)


def reaches_into(table: sa.Table) -> Condition:
    """Began before the interval and lasts into it: few rows, through their own partial index."""
    start, end = ends()
    c, kind = table.c, sa.literal_column("'[]'", sa.Text)
    span, asked = sa.func.tstzrange(c.t0, c.t1, kind), sa.func.tstzrange(start, end, kind)
    return sa.and_(c.t1 > c.t0, hidden(c.t0 < start), span.bool_op("&&")(asked))


def every(table: sa.Table, shape: Shape, where: Condition | None) -> list[Condition]:
    """All conditions at once, for counting and for orders other than by time."""
    found = [*plain(table, shape, where), *in_parts(table, shape, None)]
    if shape.interval is not None:
        found.append(_any_time(table, shape))
    return found + in_space(table, shape)


def _any_time(table: sa.Table, shape: Shape) -> Condition:
    ways = [begins_within(table)]
    if shape.interval:
        ways.append(reaches_into(table))
    if shape.match_missing:
        ways.append(sa.not_(table.c.timed))
    return sa.or_(*ways)


def in_space(table: sa.Table, shape: Shape) -> list[Condition]:
    """By boxes only: a superset of the rows whose shape matches."""
    return _near(table, shape, lambda number: sa.or_(*at_place(table, number)))


def tested(table: sa.Table, shape: Shape) -> list[Condition]:
    """The same for rows that are looked at one by one."""
    return _near(table, shape, lambda number: hidden(overlaps(table, f"place{number}")))


def _near(table: sa.Table, shape: Shape, asked: Callable[[int], Condition]) -> list[Condition]:
    if shape.boxes is None or (shape.match_missing and not shape.boxes):
        return []
    if not shape.boxes:
        return [table.c.box.is_not(None)]
    ways = [asked(number) for number in range(shape.boxes)]
    return [sa.or_(*ways, table.c.box.is_(None)) if shape.match_missing else sa.or_(*ways)]


def small_and_large(table: sa.Table) -> tuple[Condition, Condition]:
    """Footprints that are small, and those that are large: each has indexes (boxes.sql)."""
    c = table.c
    large = sa.func.large_footprint(c.x0, c.y0, c.x1, c.y1, c.t0, c.t1, type_=sa.Boolean)
    return sa.not_(large), large


def at_place(table: sa.Table, number: int) -> tuple[Condition, Condition]:
    """Small footprints at that place, and large ones."""
    small, large = small_and_large(table)
    c = table.c
    place = sa.func.box(sa.func.point(c.x0, c.y0), sa.func.point(c.x1, c.y1), type_=Place)
    near = place.bool_op("&&")(parameter(f"place{number}", Place))
    return sa.and_(small, near), sa.and_(large, overlaps(table, f"place{number}"))


def overlaps(table: sa.Table, name: str) -> Condition:
    """The index condition: the row's box of place and time meets the asked one."""
    return table.c.box.bool_op("&&")(_cube(name))


def _cube(name: str) -> sa.ColumnElement[object]:
    return sa.func.cube(parameter(f"{name}_low", _CORNER), parameter(f"{name}_high", _CORNER))


def to_test(table: sa.Table, shape: Shape) -> sa.ColumnElement[Any]:
    """The WKB of rows whose shape must be tested; null for the others."""
    if not shape.boxes:
        return sa.null().label("wkb")
    if not shape.exact_box:
        return table.c.wkb.label("wkb")
    within = table.c.box.bool_op("<@")
    inside = sa.or_(*(within(_cube(f"place{number}")) for number in range(shape.boxes)))
    return sa.case((inside, None), else_=table.c.wkb).label("wkb")

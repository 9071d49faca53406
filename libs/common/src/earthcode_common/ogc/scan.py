"""The statements that yield candidates in order.

By time (the default): with a place, one ordered scan of each GiST index over (longitude, latitude,
time), that of small footprints and that of large ones. It emits newest first while it prunes by all
three, so the planner has no estimate to get wrong. ``with ties`` inside and the tie-break outside:
with the tie-break inside, PostgreSQL before 17 would sort everything. Never order by a time column
beside a box condition. Without a place, the time index; rows that began before the asked interval
come from their own index, in a step of their own. Rows without time come last, in a step of their
own where they are not last by themselves.

By one other key: its index, if there is one, then the rows that have no value. Otherwise all that
match are found first and sorted then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from earthcode_common.ogc import filters, order, statements, titles
from earthcode_common.ogc.filters import Condition
from earthcode_common.ogc.shape import MANY, Asked, Shape
from earthcode_common.ogc.statements import parameter
from earthcode_common.ogc.tables import Tables

SORTED, ANY, TIMED, TIMELESS = "sorted", "any", "timed", "timeless"
VALUED, VALUELESS = "valued", "valueless"
MEETS, WITHIN, BEFORE = "meets", "within", "before"
TOTAL, NUMBERS = "total", "numbers"
Columns = Sequence[sa.ColumnElement[Any]]


@dataclass(frozen=True)
class Scan:
    """What all scans of a statement have in common.

    ``after``: which keys of the row to go on after are null; None starts at the beginning.
    ``whole``: with what a page tells of a row, its text included. ``tell``: TOTAL or NUMBERS, with
    how many match (at least up to ``cap``), or which. ``depth``: of so many newest rows those with
    the phrase in their title; 0 for all that match.
    """

    tables: Tables
    shape: Shape
    where: Condition | None
    step: str
    after: tuple[bool, ...] | None
    n: int
    whole: bool
    tell: str = ""
    cap: int = 0
    depth: int = 0

    @property
    def descending(self) -> bool:
        return bool(self.shape.by_time)

    @property
    def limit(self) -> sa.ColumnElement[int]:
        """In the statement's text: the planner must see it."""
        return sa.literal_column(str(self.n), sa.Integer)


@dataclass(frozen=True)
class Source:
    """Where rows come from: their conditions, and the number of the box when it gives the order.

    ``narrow``: the conditions leave few rows through an index of their own; sort afterwards.
    """

    where: list[Condition]
    box: int | None = None
    narrow: bool = False


@cache
def steps(shape: Shape) -> tuple[str, ...]:
    """To be walked one after the other until the page is full."""
    descending = shape.by_time
    if descending is None:
        return (VALUED, VALUELESS) if shape.walked else (SORTED,)
    if shape.interval is not None:
        dated = _dated_steps(shape, descending)
        return (*dated, TIMELESS) if shape.match_missing else dated
    # Rows without time are in the year 1: last, without a step of their own.
    return (ANY,) if descending else (TIMED, TIMELESS)


def _dated_steps(shape: Shape, descending: bool) -> tuple[str, ...]:
    if shape.boxes and shape.way != "walked":
        return (MEETS,)
    if not shape.interval:
        return (WITHIN,)
    return (WITHIN, BEFORE) if descending else (BEFORE, WITHIN)


def resumed(shape: Shape, step: str, began: bool) -> int:
    """Which of the steps goes on after a row that was found in ``step``.

    ``began``: the row began before the asked interval. That places are looked for in another way
    now does not matter: the order is the same.
    """
    plan = steps(shape)
    if step not in plan:
        step = MEETS if MEETS in plan else BEFORE if began else WITHIN
    return plan.index(step)


def candidates(
    tables: Tables,
    asked: Asked,
    step: str,
    after: Sequence[Any] | None,
    n: int,
    *,
    whole: bool,
    tell: str = "",
    depth: int = 0,
) -> tuple[str, list[Any]]:
    """SQL and arguments for the next ``n`` candidates: wkb, the keys with the row's number last.

    With ``whole`` the members of Stored follow; then ``total`` or ``numbers``, where one step
    sorts all, and ``stamp``.
    """
    where = statements.condition(asked.query.where)
    nulls = None if after is None else tuple(value is None for value in after)
    told = (tell, asked.query.count_cap, depth)
    key = (tables.main.name, step, asked.shape, nulls, n, whole, *told, asked.query.stamp)

    def make() -> sa.Select[*tuple[Any, ...]]:
        condition = where.expression if where is not None else None
        page = _select(Scan(tables, asked.shape, condition, step, nulls, n, whole, *told))
        return _stamped(page, asked.query.stamp)

    found = statements.statement(key, where, make)
    return found.sql, found.arguments(asked.values_after(after), where)


def _stamped(page: sa.Select[*tuple[Any, ...]], stamp: str) -> sa.Select[*tuple[Any, ...]]:
    return page.add_columns(sa.literal_column(f"({stamp})").label("stamp")) if stamp else page


def _select(scan: Scan) -> sa.Select[*tuple[Any, ...]]:
    if scan.step == SORTED:
        return _sorted_page(scan)
    return _walked_page(scan) if scan.step in (VALUED, VALUELESS) else _time_page(scan)


def _time_page(scan: Scan) -> sa.Select[*tuple[Any, ...]]:
    sources = _sources(scan)
    count = scan.shape.parts
    parts = range(count) if count is not None and count != MANY else [None]
    found = [_rows(scan, source, part) for source in sources for part in parts]
    page = found[0] if len(found) == 1 and sources[0].box is None else _merged(scan, found)
    return _with_text(scan, page, ["t0", "seq"]) if scan.whole else page


def _merged(scan: Scan, found: list[sa.Select[*tuple[Any, ...]]]) -> sa.Select[*tuple[Any, ...]]:
    if len(found) == 1:
        rows = found[0].subquery("u")
    else:
        rows = sa.union_all(*(sa.select(one.subquery()) for one in found)).subquery("u")
    page = sa.select(rows).order_by(*_ends(scan, rows.c.t0, rows.c.seq)).limit(scan.limit)
    # A row may be found both here and beyond the antimeridian.
    return page.ext(distinct_on(rows.c.t0, rows.c.seq)) if (scan.shape.boxes or 0) > 1 else page


def _with_text(
    scan: Scan, page: sa.Select[*tuple[Any, ...]], keys: list[str]
) -> sa.Select[*tuple[Any, ...]]:
    rows, doc = page.subquery("p"), scan.tables.doc
    shown = [doc.c.doc if c.name == "doc" else c for c in rows.c]
    found = sa.select(*shown).join_from(rows, doc, doc.c.seq == rows.c.seq)
    return found.order_by(*_ends(scan, *(rows.c[key] for key in keys)))


def _ends(scan: Scan, *columns: sa.ColumnElement[Any]) -> Columns:
    return [c.desc() if scan.descending else c.asc() for c in columns]


def _sources(scan: Scan) -> list[Source]:
    table, shape = scan.tables.main, scan.shape
    plain = filters.plain(table, shape, scan.where)
    if scan.step == TIMELESS:
        return [Source([sa.not_(table.c.timed), *plain, *filters.in_space(table, shape)])]
    own: dict[str, list[Condition]] = {
        ANY: [],
        TIMED: [table.c.timed],
        MEETS: [filters.meets(table)],
        WITHIN: [filters.begins_within(table)],
        BEFORE: [filters.reaches_into(table)],
    }
    where = [*own[scan.step], *plain]
    if shape.boxes and shape.way != "walked":
        return _placed(scan, where, shape.boxes)
    return [Source([*where, *filters.tested(table, shape)], narrow=scan.step == BEFORE)]


def _placed(scan: Scan, where: list[Condition], boxes: int) -> list[Source]:
    table, shape = scan.tables.main, scan.shape
    sources = []
    for number in range(boxes):
        small, large = filters.small_and_large(table)
        sources.append(Source([*where, large], number))
        if shape.way == "gathered":
            sources.append(Source([*where, filters.at_place(table, number)[0]], narrow=True))
        else:
            sources.append(Source([*where, small], number))
    if shape.match_missing:
        sources.append(Source([*where, table.c.box.is_(None)]))
    return sources


def _rows(scan: Scan, source: Source, part: int | None) -> sa.Select[*tuple[Any, ...]]:
    table = scan.tables.main
    rows = sa.select(*_wanted(scan)).where(*source.where)
    limits = [*filters.in_parts(table, scan.shape, part), *_beyond(scan)]
    if part is not None and (source.narrow or source.box is not None):
        rows = rows.where(table.c.part_key == parameter(f"part_key{part}", sa.Integer))
    if source.narrow:
        hidden = map(filters.hidden, limits)
        fenced = rows.where(*hidden).offset(sa.literal_column("0")).subquery()
        ends = _ends(scan, fenced.c.t0, fenced.c.seq)
        return sa.select(fenced).order_by(*ends).limit(scan.limit)
    if source.box is None:
        return rows.where(*limits).order_by(*_ends(scan, table.c.t0, table.c.seq)).limit(scan.limit)
    first = table.c.box.op("~>", return_type=sa.Double)(
        sa.literal_column("-5" if scan.descending else "5", sa.Integer)
    )
    found = rows.where(filters.overlaps(table, f"box{source.box}"), *map(filters.hidden, limits))
    return found.order_by(first).fetch(scan.limit, with_ties=True)


def _wanted(scan: Scan) -> Columns:
    c = scan.tables.main.c
    keys = [filters.to_test(scan.tables.main, scan.shape), c.t0, c.seq]
    return [*keys, *_details(scan)] if scan.whole else keys


def _details(scan: Scan) -> Columns:
    c = scan.tables.main.c
    props = sa.cast(c.props, sa.Text) if scan.shape.with_props else sa.literal_column("''", sa.Text)
    doc = sa.null().label("doc")  # The text takes its place when the page is complete.
    return [c.part, c.id, doc, c.etag, c.updated, c.version, props.label("props")]


def _beyond(scan: Scan) -> list[Condition]:
    if scan.after is None:
        return []
    c = scan.tables.main.c
    last = sa.tuple_(parameter("after0", order.MOMENT), parameter("after1", sa.BigInteger))
    row = sa.tuple_(c.t0, c.seq)
    return [row < last if scan.descending else row > last]


def _sorted_page(scan: Scan) -> sa.Select[*tuple[Any, ...]]:
    table, shape = scan.tables.main, scan.shape
    keys = order.sort_keys(table, shape)
    wanted = [filters.to_test(table, shape), *(key.selected() for key in keys)]
    if scan.depth:
        wanted[1] = order.first().label(keys[0].name)
        following = scan.after is not None
        hits = titles.among_newest(table, shape, scan.where, following, scan.depth)
        page = sa.select(*wanted).where(*hits).order_by(*titles.newest_first(table))
        whole = _with_details(scan, page.limit(scan.limit), keys)
        return _told(scan, whole, _matching(scan).subquery("m"))
    found = sa.select(*wanted).where(*filters.every(table, shape, scan.where))
    rows = found.offset(sa.literal_column("0")).cte("u")  # A fence: narrow first, then sort.
    page = sa.select(rows).order_by(*order.ordering(keys, rows)).limit(scan.limit)
    if scan.after is not None:
        page = page.where(order.after(keys, rows, scan.after))
    return _told(scan, _with_details(scan, page, keys) if scan.whole else page, rows)


def _matching(scan: Scan) -> sa.Select[*tuple[Any, ...]]:
    """The numbers of all rows, of which a count needs no more than the cap."""
    table = scan.tables.main
    rows = sa.select(table.c.seq).where(*filters.every(table, scan.shape, scan.where))
    most = sa.literal_column(str(scan.cap + 1), sa.Integer)
    return rows.limit(most) if scan.tell == TOTAL else rows


def _told(
    scan: Scan, page: sa.Select[*tuple[Any, ...]], rows: sa.FromClause
) -> sa.Select[*tuple[Any, ...]]:
    if not scan.tell:
        return page
    every: sa.ColumnElement[Any] = sa.func.count()
    if scan.tell == NUMBERS:
        number = sa.func.int8send(rows.c.seq)
        every = sa.func.string_agg(number, sa.literal_column("''::bytea", sa.LargeBinary))
    found = sa.select(every).select_from(rows)
    return page.add_columns(found.scalar_subquery().label(scan.tell))


def _walked_page(scan: Scan) -> sa.Select[*tuple[Any, ...]]:
    """Without "nulls last": an index has its own opinion of where nulls are."""
    table = scan.tables.main
    keys = order.sort_keys(table, scan.shape)
    key, number = keys
    wanted = [filters.to_test(table, scan.shape), *(one.selected() for one in keys)]
    valued = scan.step == VALUED
    own = key.expression.is_not(None) if valued else key.expression.is_(None)
    rows = sa.select(*wanted).where(own, *filters.every(table, scan.shape, None))
    last = number.value("after1")
    if valued:
        rows = rows.order_by(key.expression.desc() if key.descending else key.expression.asc())
        if scan.after is not None:
            value = key.value("after0")
            beyond = key.expression < value if key.descending else key.expression > value
            upto = key.expression <= value if key.descending else key.expression >= value
            rows = rows.where(upto, sa.or_(beyond, number.expression < last))
    elif scan.after is not None:
        rows = rows.where(number.expression < last)
    page = rows.order_by(number.expression.desc()).limit(scan.limit)
    return _with_details(scan, page, keys) if scan.whole else page


def _with_details(
    scan: Scan, page: sa.Select[*tuple[Any, ...]], keys: list[order.Key]
) -> sa.Select[*tuple[Any, ...]]:
    rows, main, doc = page.subquery("p"), scan.tables.main, scan.tables.doc
    shown = [doc.c.doc if c.name == "doc" else c for c in _details(scan)]
    found = sa.select(*rows.c, *shown).join_from(rows, main, main.c.seq == rows.c.seq)
    return found.join(doc, doc.c.seq == rows.c.seq).order_by(*order.ordering(keys, rows))


def unordered(tables: Tables, asked: Asked, n: int) -> tuple[str, list[Any]]:
    """SQL and arguments for wkb (null when it needs no test) and number of ``n`` rows, any ones."""
    return _counted(tables, asked, n, "unordered")


def totals(tables: Tables, asked: Asked, n: int) -> tuple[str, list[Any]]:
    """SQL and arguments for the number of rows, ``n`` at most, and an array of those WKBs."""
    return _counted(tables, asked, n, "totals")


def _counted(tables: Tables, asked: Asked, n: int, what: str) -> tuple[str, list[Any]]:
    where = statements.condition(asked.query.where)
    key = (tables.main.name, what, asked.shape._replace(sort=(), with_props=False), n)

    def make() -> sa.Select[*tuple[Any, ...]]:
        table, condition = tables.main, where.expression if where is not None else None
        rows = sa.select(filters.to_test(table, asked.shape), table.c.seq)
        rows = rows.where(*filters.every(table, asked.shape, condition))
        some = rows.limit(sa.literal_column(str(n), sa.Integer))
        return some if what == "unordered" else _totals(some.subquery())

    found = statements.statement(key, where, make)
    return found.sql, found.arguments(asked.values, where)


def _totals(some: sa.Subquery) -> sa.Select[*tuple[Any, ...]]:
    tested = sa.func.array_agg(some.c.wkb).filter(some.c.wkb.is_not(None))
    return sa.select(sa.func.count(), tested).select_from(some)

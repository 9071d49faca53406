"""EXPLAIN guards: the searches that must stay fast use the index they were built for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from earthcode_common.db import Database
from earthcode_common.ogc import scan, search
from earthcode_common.ogc.bbox import Bbox
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.geometry import boxes_geometry
from earthcode_common.ogc.query import Document, Query
from earthcode_common.ogc.shape import Asked, asked
from earthcode_common.ogc.sizes import sizes
from earthcode_common.ogc.store import SearchStore
from earthcode_common.ogc.ways import way as chosen_way
from earthcode_common.problems import BadRequest

DAY = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
async def things(store_database: Database) -> SearchStore:
    """6,000 footprints over the world and eight years, one of fifty a large one."""
    store = SearchStore("thing")
    async with store_database.write() as session:
        await store.put(session, (_thing(n) for n in range(6000)))
    async with store_database.read() as session:
        await session.execute(sa.text("vacuum analyze thing"))
    return store


def _thing(n: int) -> Document:
    x, y = n * 7 % 358 - 180, n * 13 % 170 - 85
    start = DAY + timedelta(hours=n * 11 % 70_000)
    end = start + timedelta(days=30) if n % 20 == 0 else start
    size = 20 if n % 50 == 0 and x < 160 and y < 70 else 1
    box = [x, y, x + size, y + size]
    return Document(f"p{n % 5}", f"{n}", "{}", boxes_geometry([box]), start, end)


async def plan(
    database: Database, store: SearchStore, query: Query | Asked, step: int = 0, after: Any = None
) -> str:
    """How PostgreSQL runs what a search sends, texts included."""
    read = asked(query) if isinstance(query, Query) else query
    name = scan.steps(read.shape)[step]
    sql, values = scan.candidates(store.tables, read, name, after, 2, whole=True)
    async with database.read() as session:
        return "\n".join(row[0] for row in await session.fetch(f"explain {sql}", values))


MONTH = Interval(DAY + timedelta(days=300), DAY + timedelta(days=330))


@pytest.mark.parametrize("sort", ["desc", "asc"])
@pytest.mark.parametrize(
    "query",
    [
        {"bbox": Bbox(0, 0, 20, 20)},
        {"bbox": Bbox(0, 0, 20, 20), "interval": MONTH},
        {"bbox": Bbox(170, 0, -170, 20)},
        {"bbox": Bbox(-100, -80, 100, 80), "parts": ["p1"]},
        {"bbox": Bbox(0, 0, 20, 20), "parts": ["p1", "p2"], "match_missing": True},
        {"intersects": {"type": "Point", "coordinates": [5, 5]}},
    ],
)
async def test_a_place_is_an_ordered_scan_of_small_and_one_of_large_footprints(
    store_database: Database, things: SearchStore, query: dict[str, Any], sort: Any
) -> None:
    asked = Query(**query, sort=[("datetime", sort)])
    text = await plan(store_database, things, asked)
    assert "Index Scan using thing_box on" in text, text
    small, large = (text.count(f"using thing_box{size} ") for size in ("", "_large"))
    assert small == large, text
    assert text.count("Order By:") == small + large, text
    assert "Seq Scan" not in text, text
    following = await plan(store_database, things, asked, after=[MONTH.end, 5])
    assert following.count("Order By:") == text.count("Order By:"), following


@pytest.mark.parametrize(
    ("query", "step", "index"),
    [
        ({}, 0, "thing_time"),
        ({"parts": ["p1"]}, 0, "thing_part_time"),
        ({"interval": MONTH}, 0, "thing_time"),
        ({"interval": MONTH}, 1, "thing_span"),
        ({"parts": ["p1"], "interval": MONTH}, 0, "thing_part_time"),
    ],
)
async def test_a_time_is_a_scan_of_its_index(
    store_database: Database, things: SearchStore, query: dict[str, Any], step: int, index: str
) -> None:
    text = await plan(store_database, things, Query(**query), step)
    assert index in text, text
    assert "Seq Scan" not in text, text


PLACES = [Bbox(-100, -80, 100, 80), Bbox(150, -60, -150, 60), Bbox(10, 10, 11, 11)]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"parts": ["p1"]}, "thing_part_time"),
        ({"parts": ["p1"], "interval": MONTH}, "thing_part_time"),
        ({"interval": MONTH}, "thing_time"),
    ],
)
async def test_few_rows_are_walked_in_order_of_time(
    store_database: Database, things: SearchStore, query: dict[str, Any], index: str
) -> None:
    text = await plan(store_database, things, asked(Query(bbox=PLACES[0], **query)).by("walked"))
    assert f"using {index} on" in text, text
    assert "thing_box" not in text, text
    assert "Seq Scan" not in text, text


@pytest.mark.parametrize(
    "query", [{}, {"parts": ["p1", "p2"]}, {"interval": MONTH}, {"match_missing": True}]
)
async def test_what_is_at_a_place_is_gathered_by_an_index_without_times(
    store_database: Database, things: SearchStore, query: dict[str, Any]
) -> None:
    text = await plan(store_database, things, asked(Query(bbox=PLACES[2], **query)).by("gathered"))
    small, large = text.count("thing_place"), text.count("using thing_box_large on")
    assert small == large == len(query.get("parts", "1")), text
    assert "thing_box on" not in text, text
    assert "Seq Scan" not in text, text


async def test_a_count_reads_the_index_without_times(
    store_database: Database, things: SearchStore
) -> None:
    sql, values = scan.totals(things.tables, asked(Query(bbox=PLACES[2])), 100)
    async with store_database.read() as session:
        text = "\n".join(row[0] for row in await session.fetch(f"explain {sql}", values))
    assert "on thing_place" in text, text
    assert "on thing_box_large" in text, text
    assert "Seq Scan" not in text, text


WEEK = Interval(MONTH.start, MONTH.start + timedelta(days=7))


@pytest.mark.parametrize(
    ("query", "way"),
    [
        ({"bbox": PLACES[0], "interval": WEEK}, "walked"),
        ({"bbox": PLACES[0], "interval": WEEK, "parts": ["p1", "p2"]}, "walked"),
        ({"bbox": PLACES[0], "parts": ["p1", "nothing is known of it"]}, "ordered"),
        ({"bbox": PLACES[0], "interval": Interval(DAY, DAY + timedelta(days=3000))}, "ordered"),
        ({"bbox": PLACES[1]}, "ordered"),
        ({"bbox": PLACES[2], "interval": MONTH}, "gathered"),
        ({"bbox": PLACES[2], "parts": ["p1"]}, "gathered"),
        ({"bbox": PLACES[2]}, "gathered"),
    ],
)
async def test_which_way_is_thought_to_be_shorter(
    store_database: Database, things: SearchStore, query: dict[str, Any], way: str
) -> None:
    async with store_database.read() as session:
        known = await sizes(session, things.name)
    assert known.rows == 6000
    assert known.left(None, None) == 6000
    assert known.left(["p1"], None) == pytest.approx(1200, rel=0.01)
    assert 10 < known.left(None, WEEK) < 60  # about 20 begin in a week, and some last for a month
    assert chosen_way(asked(Query(**query)), known) == way


@pytest.mark.parametrize("sort", ["desc", "asc"])
@pytest.mark.parametrize("way", ["walked", "gathered"])
@pytest.mark.parametrize("match_missing", [False, True])
@pytest.mark.parametrize("interval", [None, MONTH, Interval(None, MONTH.start)])
@pytest.mark.parametrize("bbox", PLACES)
async def test_either_way_finds_the_same(
    store_database: Database,
    things: SearchStore,
    bbox: Bbox,
    interval: Interval | None,
    match_missing: bool,
    way: Any,
    sort: Any,
) -> None:
    read = asked(
        Query(
            bbox=bbox,
            interval=interval,
            parts=["p1", "p3"],
            match_missing=match_missing,
            sort=[("datetime", sort)],
            limit=50,
        )
    )
    async with store_database.read() as session:
        one = await search.rows(session, things.tables, read, None)
        other = await search.rows(session, things.tables, read.by(way), None)
    assert [row[1:3] for _, row, _ in one.found] == [row[1:3] for _, row, _ in other.found]
    assert one.more == other.more


@pytest.mark.parametrize("sort", ["desc", "asc"])
@pytest.mark.parametrize("match_missing", [False, True])
async def test_pages_go_on_when_the_way_changes(
    store_database: Database, things: SearchStore, match_missing: bool, sort: Any
) -> None:
    query = Query(
        bbox=PLACES[0], interval=MONTH, match_missing=match_missing, sort=[("datetime", sort)]
    )
    async with store_database.read() as session:
        whole = await search.rows(session, things.tables, asked(replace(query, limit=500)), None)
        got: list[Any] = []
        place, more = None, True
        while more:
            read = asked(replace(query, limit=3))
            if len(got) // 3 % 2:
                read = read.by("walked")
            page = await search.rows(session, things.tables, read, place)
            got += page.found
            more, place = page.more, page.place()
    assert len(whole.found) > 20
    assert [row[1:3] for _, row, _ in got] == [row[1:3] for _, row, _ in whole.found]


async def test_a_token_of_an_older_form_is_refused(
    store_database: Database, things: SearchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = Query(bbox=PLACES[0], limit=2)
    async with store_database.read() as session:
        with monkeypatch.context() as before:
            before.setattr("earthcode_common.ogc.store.FORM", 1)
            token = (await things.search(session, query)).next
        with pytest.raises(BadRequest, match="another query"):
            await things.search(session, replace(query, token=token))


async def test_a_large_store_is_counted_only_where_that_is_wanted(
    store_database: Database, things: SearchStore
) -> None:
    every, few = Query(limit=2, count_cap=5000), Query(parts=["p1"], bbox=PLACES[2], limit=50)
    async with store_database.read() as session:
        page = await things.search(session, every)
        assert (page.matched, page.matched_exact) == (5000, False)
        page = await things.search(session, replace(every, count_large=False))
        assert page.matched is None
        assert page.next
        # That it is more than a cap of 100 is no news; who wants one row wants to know.
        page = await things.search(session, replace(every, count_cap=100, parts=["p1"]))
        assert page.matched is None
        page = await things.search(session, replace(every, count_cap=100, limit=1))
        assert (page.matched, page.matched_exact) == (100, False)
        # What costs nothing is told: all that match are on the page.
        page = await things.search(session, replace(few, count_large=False))
        assert (page.matched, page.matched_exact) == (len(page.items), True)
        page = await things.search(session, replace(every, count_cap=10_000, count_large=False))
        assert (page.matched, page.matched_exact) == (6000, True)

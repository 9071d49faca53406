"""Hits in titles: walked or sorted, the pages are the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from earthcode_common.db import Database, ReadSession
from earthcode_common.ogc import scan, titles
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.query import Document, Page, Query
from earthcode_common.ogc.shape import asked
from earthcode_common.ogc.store import SearchStore

DAY = datetime(2020, 1, 1, tzinfo=UTC)
ROWS, PAGE = 4000, 7
N = PAGE + 1  # one more is asked for, to know whether there is a next page


@pytest.fixture(scope="session")
async def named(store_database: Database) -> SearchStore:
    """4,000 titles: "ice" in every fourth, "sea ice" in every eighth, "old" in the oldest alone;
    "text" in all texts and no title. Many share a moment, some have none."""
    store = SearchStore("named")
    async with store_database.write() as session:
        await store.put(session, (_named(n) for n in range(ROWS)))
    async with store_database.read() as session:
        await session.execute(sa.text("vacuum analyze named"))
    return store


def _named(n: int) -> Document:
    title = "old" if n < 300 else f"{'sea ' if n % 8 == 0 else ''}{'ice' if n % 4 == 0 else 'land'}"
    start = None if n % 40 == 4 else DAY + timedelta(hours=n // 5)
    end = start + timedelta(days=n % 3) if start else None
    return Document(
        *(f"p{n % 3 % 2}", f"{n}", "{}", None, start, end),
        props={"n": n % 10},
        title=title,
        text="text and ice" if n % 5 == 0 else "text",
    )


LATE = DAY + timedelta(hours=700)
QUERIES: list[dict[str, Any]] = [
    {"q": ["ice"]},
    {"q": ["Sea Ice"], "parts": ["p0"]},
    {"q": ["ic"], "interval": Interval(LATE - timedelta(days=20), LATE), "match_missing": True},
    {"q": ["ice"], "interval": Interval(None, LATE), "parts": ["p0"]},
    {"q": ["ice"], "where": SearchStore("named").table.c.props["n"].astext == "4"},
    {"q": ["old"]},
    {"q": ["text"]},
    {"q": ["ice,", "&"], "match_missing": True},
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("tell", ["count", "numbers", "neither"])
async def test_pages_are_the_same(
    store_database: Database,
    named: SearchStore,
    monkeypatch: pytest.MonkeyPatch,
    query: dict[str, Any],
    tell: str,
) -> None:
    wanted = {"count": tell == "count", "numbers": tell == "numbers", "stamp": "select 5"}
    whole = Query(**query, **wanted, limit=PAGE)
    async with store_database.read() as session:
        found = await _pages(session, named, whole)
        monkeypatch.setattr(titles, "SPARE", 1e9)
        sorted_only = await _pages(session, named, whole)
    assert [_told(page) for page in found] == [_told(page) for page in sorted_only]
    assert all(page.stamp == 5 for page in found)


async def _pages(session: ReadSession, store: SearchStore, query: Query) -> list[Page]:
    """The first forty."""
    pages = [await store.search(session, query)]
    while pages[-1].next and len(pages) < 40:
        pages.append(await store.search(session, replace(query, token=pages[-1].next)))
    return pages


def _told(page: Page) -> Any:
    numbers = None if page.numbers is None else sorted(_split(page.numbers))
    return [one.id for one in page.items], page.matched, numbers


def _split(numbers: bytes) -> Sequence[int]:
    return [int.from_bytes(numbers[at : at + 8]) for at in range(0, len(numbers), 8)]


@pytest.mark.parametrize(
    ("query", "walked"),
    [
        ({"q": ["ice"]}, True),
        ({"q": ["sea ice"]}, True),
        ({"q": ["ice"], "parts": ["p0"]}, True),
        ({"q": ["ice"], "interval": Interval(None, LATE), "count": False}, True),
        ({"q": ["ice"], "interval": Interval(None, LATE)}, False),
        ({"q": ["ice"], "interval": Interval(None, DAY - timedelta(1)), "count": False}, False),
        ({"q": ["ice", "land"]}, False),
        ({"q": ["nothing"]}, False),
        ({"q": ["ice"], "sort": [("id", "asc")]}, False),
        ({"q": ["ice"], "parts": ["p0", "p1"]}, False),
        ({"q": ["ice"], "ids": ["4"]}, False),
    ],
)
async def test_when_rows_are_walked(
    store_database: Database, named: SearchStore, query: dict[str, Any], walked: bool
) -> None:
    async with store_database.read() as session:
        depth = await titles.depth(session, named.name, asked(Query(**query)), None, N)
    assert bool(depth) == walked


async def test_no_more_is_looked_at_than_the_newest(
    store_database: Database, named: SearchStore
) -> None:
    read = asked(Query(q=["ice"], parts=["p0"], count=False))
    sql, values = scan.candidates(named.tables, read, scan.SORTED, None, N, whole=True, depth=64)
    async with store_database.read() as session:
        text = "\n".join(row[0] for row in await session.fetch(f"explain {sql}", values))
    assert "Index Scan using named_part_time" in text, text
    assert "ROW(t0, seq) >= ROW(" in text, text
    assert "named_words" not in text, text
    assert "Seq Scan" not in text, text


async def test_a_page_that_the_newest_rows_do_not_hold_is_sorted(
    store_database: Database, named: SearchStore
) -> None:
    """Every row has the word, but in its text, or only the oldest have it in their title."""
    async with store_database.read() as session:
        for word in ("text", "old"):
            query = Query(q=[word], limit=PAGE)
            assert await titles.depth(session, named.name, asked(query), None, N)
            page = await named.search(session, query)
            assert len(page.items) == PAGE
            assert page.matched == {"text": ROWS, "old": 300}[word]

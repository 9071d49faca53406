"""Writing, reading, free text, paging while others write, and what strangers may send."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from earthcode_common.db import Database
from earthcode_common.ogc.bbox import Bbox
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.geometry import boxes_geometry
from earthcode_common.ogc.query import Candidate, Document, Page, Query
from earthcode_common.ogc.space import index_time
from earthcode_common.ogc.store import SearchStore
from earthcode_common.problems import BadRequest

DAY = datetime(2020, 1, 1, tzinfo=UTC)


async def put(database: Database, store: SearchStore, *documents: Document) -> None:
    async with database.write() as session:
        await store.put(session, documents)


async def ask(database: Database, store: SearchStore, **query: Any) -> Page:
    async with database.read() as session:
        return await store.search(session, Query(**query))


async def ids(database: Database, store: SearchStore, **query: Any) -> list[str]:
    return [item.id for item in (await ask(database, store, **query)).items]


async def test_a_document_comes_back_as_it_went_in(
    store_database: Database, items: SearchStore
) -> None:
    text = '{ "é":1.0,\t"b" : [1e2, null, "\\u0000"] }'
    made = Document("p", "a.b/c d", text, props={"n": 1, "s": "\0\ud800", "big": 1 << 70}, etag="e")
    await put(store_database, items, made)
    async with store_database.read() as session:
        found = await items.get(session, "p", "a.b/c d")
        assert found is not None
        assert (found.doc, found.etag, found.version) == (text, "e", 1)
        assert found.props == {"n": 1, "s": "\ufffd\ufffd", "big": float(1 << 70)}
        assert await items.get(session, "q", "a.b/c d") is None
        assert await items.get(session, "p", "a\0") is None
        assert await items.get(session, "p", "\ud800") is None


async def test_the_newer_version_wins(store_database: Database, items: SearchStore) -> None:
    first = Document("p", "a", "1", version=2, start=DAY, geometry=boxes_geometry([[0, 0, 1, 1]]))
    await put(store_database, items, first, replace(first, doc="2", version=3), first)
    await put(store_database, items, replace(first, doc="old", version=2))
    assert [i.doc for i in (await ask(store_database, items)).items] == ["2"]
    await put(store_database, items, replace(first, doc="same", version=3, geometry=None))
    assert [i.doc for i in (await ask(store_database, items)).items] == ["same"]
    assert await ids(store_database, items, bbox=Bbox(0, 0, 1, 1)) == []


async def test_delete_and_clear(store_database: Database, items: SearchStore) -> None:
    await put(store_database, items, *(Document("p", f"{n}", "{}") for n in range(5)))
    async with store_database.write() as session:
        assert await items.delete(session, "p", ["1", "2", "nope", "\0"]) == 2
        assert await items.delete(session, "q", ["3"]) == 0
    assert await ids(store_database, items) == ["4", "3", "0"]
    async with store_database.write() as session:
        await items.clear(session)
        left = await session.execute(sa.select(sa.func.count()).select_from(items.tables.doc))
        assert left.scalar() == 0


async def test_thousands_at_once(store_database: Database, items: SearchStore) -> None:
    await put(store_database, items, *(Document(f"p{n % 7}", f"{n}", "{}") for n in range(3500)))
    async with store_database.read() as session:
        assert await items.parts(session) == {f"p{n}": 500 for n in range(7)}
        assert await items.count(session, Query(count_cap=3000)) == (3000, False)
        assert await items.count(session, Query(count_cap=3500)) == (3500, True)
    page = await ask(store_database, items, limit=10, count_cap=100)
    assert (page.matched, page.matched_exact) == (100, False)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        (["ete"], ["a"]),
        (["ÉTÉ"], ["a"]),
        (["tempera"], ["b", "c"]),
        (["sea surface temperature"], ["b"]),
        (["surface sea"], []),
        (["sea   surface\ttemp"], ["b"]),
        (["glacier", "sea"], ["a", "b"]),
        (["keyword two"], []),
        (["two words"], ["c"]),
        (["smørrebrød"], ["c"]),
        (["smorrebrod"], ["c"]),
        (["sea-surface"], ["b"]),
        *((["' & | ! ( ) <-> :* \\ \" \0 \ud800 %_"], []) for _ in range(1)),
        ([""], []),
        ([], []),
        (["a:*|b"], []),
    ],
)
async def test_free_text(
    store_database: Database, items: SearchStore, q: list[str], found: list[str]
) -> None:
    await put(
        store_database,
        items,
        Document("p", "a", "{}", title="Été sur le glacier"),
        Document("p", "b", "{}", text="The Sea-Surface_Temperature, daily."),
        Document(
            "p", "c", "{}", keywords=["keyword", "two words", "smørrebrød"], text="temperatures"
        ),
    )
    assert sorted(await ids(store_database, items, q=q)) == found


async def test_titles_rank_above_texts(store_database: Database, items: SearchStore) -> None:
    await put(
        store_database,
        items,
        Document("p", "text", "{}", text="ice", start=DAY + timedelta(days=9)),
        Document("p", "keyword", "{}", keywords=["ice"], start=DAY),
        Document("p", "title", "{}", title="ice", start=DAY),
        Document("p", "later", "{}", title="ice", start=DAY + timedelta(days=1)),
    )
    ranked = ["later", "title", "keyword", "text"]
    assert await ids(store_database, items, q=["ice"]) == ranked
    assert await ids(store_database, items, q=["ice"], sort=[("datetime", "desc")]) == [
        "text",
        "later",
        "title",
        "keyword",
    ]
    first = await ask(store_database, items, q=["ice"], limit=2)
    assert first.matched == 4
    assert await ids(store_database, items, q=["ice"], limit=2, token=first.next) == ranked[2:]


async def test_a_long_text_is_indexed_as_far_as_it_goes(
    store_database: Database, items: SearchStore
) -> None:
    words = " ".join(f"{n}{'x' * 150}" for n in range(30_000))
    made = Document("p", "a", "{}", title=words, text="ж" * 100_000 + " " + words, keywords=[words])
    await put(store_database, items, made)
    assert await ids(store_database, items, q=["7xxx"]) == ["a"]
    with pytest.raises(BadRequest):
        await ids(store_database, items, q=["x"] * 33)
    with pytest.raises(BadRequest):
        await ids(store_database, items, q=["x " * 33])


@pytest.mark.parametrize("sort", [(), (("n", "desc"),), (("n", "asc"), ("id", "desc"))])
async def test_paging_holds_while_rows_come_and_go(
    store_database: Database, items: SearchStore, sort: Any
) -> None:
    """Rows that stay are seen once, also when the last row of a page is deleted meanwhile."""
    box = boxes_geometry([[0, 0, 1, 1]])
    made = [
        Document("p", f"{n:02}", "{}", box, DAY, DAY, props={"n": n // 3} if n % 4 else {})
        for n in range(20)
    ]
    await put(store_database, items, *made)
    seen: list[str] = []
    page = await ask(store_database, items, sort=sort, limit=3, bbox=Bbox(0, 0, 2, 2))
    while True:
        seen += [item.id for item in page.items]
        gone = page.items[-1].id
        async with store_database.write() as session:
            await items.delete(session, "p", [gone])
        await put(
            store_database, items, replace(made[0], id=f"new-{gone}", start=DAY, props={"n": 99})
        )
        if page.next is None:
            break
        page = await ask(
            store_database, items, sort=sort, limit=3, bbox=Bbox(0, 0, 2, 2), token=page.next
        )
    old = [one for one in seen if not one.startswith("new-")]
    assert sorted(old) == [f"{n:02}" for n in range(20)]
    assert len(seen) == len(set(seen))


async def test_a_token_is_bound_to_its_query(store_database: Database, items: SearchStore) -> None:
    await put(
        store_database, items, *(Document("p", f"{n}", "{}", props={"n": n}) for n in range(9))
    )
    where = items.table.c.props["n"].as_integer() > 1
    page = await ask(store_database, items, limit=2, where=where)
    assert await ids(store_database, items, limit=3, where=where, token=page.next) == [
        "6",
        "5",
        "4",
    ]
    other = items.table.c.props["n"].as_integer() > 2
    for wrong in ({"where": other}, {}, {"where": where, "q": ["x"]}, {"where": where, "tag": "t"}):
        with pytest.raises(BadRequest, match="another query"):
            await ask(store_database, items, token=page.next, **wrong)
    with pytest.raises(BadRequest):
        await ask(store_database, items, token="\ud800")


async def test_sorting_mixed_values(store_database: Database, items: SearchStore) -> None:
    values: list[Any] = [
        None,
        2,
        10,
        "b",
        "a",
        True,
        [1],
        {"x": 1},
        0.1,
        1 << 70,
        "z" * 500,
        "z" * 501,
    ]
    await put(
        store_database,
        items,
        *(Document("p", f"{n:02}", "{}", props={"v": v}) for n, v in enumerate(values)),
    )
    for direction in ("asc", "desc"):
        whole = await ids(store_database, items, sort=[("v", direction)], limit=100)
        paged, token = [], None
        while True:
            page = await ask(store_database, items, sort=[("v", direction)], limit=1, token=token)
            paged += [item.id for item in page.items]
            token = page.next
            if token is None:
                break
        assert paged == whole
        assert set(whole[-3:]) == {"00", "06", "07"}, "null, array and object have no order"
        numbers = [one for one in whole if one in ("01", "02", "08", "09")]
        assert numbers == (
            ["08", "01", "02", "09"] if direction == "asc" else ["09", "02", "01", "08"]
        )


async def test_strange_texts_find_nothing(store_database: Database, items: SearchStore) -> None:
    await put(store_database, items, Document("p", "a", "{}"))
    for text in ("\0", "\ud800", "'; drop table item; --", "%", "p\0"):
        assert await ids(store_database, items, parts=[text]) == []
        assert await ids(store_database, items, ids=[text]) == []
    assert await ids(store_database, items, parts=[]) == []
    assert await ids(store_database, items, ids=[]) == []
    assert await ids(store_database, items, sort=[("'; drop", "asc")]) == ["a"]
    with pytest.raises(BadRequest):
        await ids(store_database, items, sort=[("\0", "asc")])
    for wrong in ({"id": "\0"}, {"doc": "\ud800"}, {"geometry": {"type": "Point"}}, {"part": "\0"}):
        with pytest.raises(BadRequest):
            await put(store_database, items, replace(Document("p", "x", "{}"), **wrong))
    with pytest.raises(BadRequest, match="ends before"):
        await put(
            store_database, items, Document("p", "x", "{}", start=DAY, end=DAY - timedelta(1))
        )


async def test_refine_decides_what_sql_cannot(store_database: Database, items: SearchStore) -> None:
    await put(
        store_database,
        items,
        *(
            Document(
                "p",
                f"{n:03}",
                "{}",
                boxes_geometry([[n % 50, 0, n % 50 + 1, 1]]) if n % 5 else None,
                DAY,
                None,
                {"n": n},
            )
            for n in range(300)
        ),
    )

    def odd(rows: Any) -> list[bool]:
        assert all(isinstance(row, Candidate) and row.end is None for row in rows)
        return [
            row.props["n"] % 2 == 1 and (row.geometry is None or row.geometry.area > 0)
            for row in rows
        ]

    page = await ask(store_database, items, refine=odd, limit=10)
    assert [int(item.id) for item in page.items] == list(range(299, 280, -2))
    assert (page.matched, page.matched_exact) == (150, True)
    found, token = [], None
    while True:
        page = await ask(
            store_database, items, refine=odd, limit=7, bbox=Bbox(10, 0, 19.5, 1), token=token
        )
        found += [int(item.id) for item in page.items]
        token = page.next
        if token is None:
            break
    wanted = [n for n in range(299, -1, -1) if n % 2 and n % 5 and 9 <= n % 50 <= 19]
    assert found == wanted


async def test_an_exact_shape_is_asked(store_database: Database, items: SearchStore) -> None:
    """The box of the triangle contains the point, the triangle does not."""
    await put(
        store_database, items, Document("p", "a", "{}", {"type": "Point", "coordinates": [9, 9]})
    )
    triangle = {"type": "Polygon", "coordinates": [[[0, 0], [10, 0], [0, 10], [0, 0]]]}
    assert await ids(store_database, items, intersects=triangle) == []
    assert await ids(store_database, items, bbox=Bbox(9, 9, 9, 9)) == ["a"]
    with pytest.raises(BadRequest):
        await ids(store_database, items, intersects=triangle, bbox=Bbox(0, 0, 1, 1))
    with pytest.raises(BadRequest):
        await ids(store_database, items, intersects={"type": "Polygon", "coordinates": [[[0, 0]]]})


async def test_extent(store_database: Database, items: SearchStore) -> None:
    async with store_database.read() as session:
        assert await items.extent(session) == (None, None)
    await put(
        store_database,
        items,
        Document("p", "a", "{}", boxes_geometry([[0, 0, 1, 1]]), DAY, DAY),
        Document("p", "b", "{}", boxes_geometry([[5, -5, 6, 1]]), DAY - timedelta(1), None),
        Document("q", "c", "{}", boxes_geometry([[175, 0, -175, 1]])),
    )
    async with store_database.read() as session:
        assert await items.extent(session, ["p"]) == (
            (0, -5, 6, 1),
            Interval(DAY - timedelta(1), None),
        )
        assert await items.extent(session, ["q"]) == ((-180, 0, 180, 1), None)


async def test_times_of_the_index_are_the_same_in_python_and_in_sql(
    store_database: Database,
) -> None:
    moments = [DAY.replace(microsecond=n) for n in (0, 1, 3, 333333, 999999)]
    moments += [
        datetime(y, 6, 7, 8, 9, 10, 123457, tzinfo=UTC) for y in (1, 1799, 1969, 2199, 9999)
    ]
    async with store_database.read() as session:
        for moment in moments:
            query = sa.select(sa.func.search_time(sa.literal(moment, sa.DateTime(timezone=True))))
            assert (await session.execute(query)).scalar() == index_time(moment)

"""What the property tests found once."""

from typing import Any

import pytest
from earthcode_common.db import Database
from earthcode_common.ogc import cql2
from earthcode_common.ogc.store import Document, Query, SearchStore
from earthcode_common.problems import BadRequest

from tests.common.cql2.documents import MOMENTS

NOWHERE = {"type": "Point", "coordinates": [0, -80]}
QUERYABLES = cql2.Queryables({"geometry": cql2.Queryable("geometry", "geometry")}, additional=True)


@pytest.fixture
async def find(filter_database: Database, filter_store: SearchStore) -> Any:
    async def find(documents: list[Document], filter: str, **asked: Any) -> str:
        async with filter_database.write() as session:
            await filter_store.clear(session)
            await filter_store.put(session, documents)
        query = cql2.bind(cql2.parse(filter), QUERYABLES).narrow(Query(**asked), filter_store.table)
        async with filter_database.read() as session:
            page = await filter_store.search(session, query)
        return "".join(one.id for one in page.items)

    return find


async def test_a_point_on_180_is_not_in_a_box_from_minus_180(find: Any) -> None:
    """It was in the box and, by NOT, outside of it too."""
    points = {"a": [180, 5], "b": [-180, 5], "c": [175, 5], "d": [-175, 5]}
    documents = [
        Document("p", id, "{}", geometry={"type": "Point", "coordinates": place})
        for id, place in points.items()
    ]
    inside = "S_INTERSECTS(geometry, BBOX(-180, 0, 170, 10))"
    assert sorted(await find(documents, inside)) == ["b", "d"]
    assert sorted(await find(documents, f"NOT {inside}")) == ["a", "c"]
    across = "S_INTERSECTS(geometry, BBOX(178, 0, -178, 10))"
    assert sorted(await find(documents, across)) == ["a", "b"]


@pytest.mark.parametrize("sort", ["datetime", "start_datetime"])
async def test_ties_have_the_same_order_however_the_rows_are_found(find: Any, sort: str) -> None:
    documents = [Document("p", id, "{}", NOWHERE, MOMENTS[2], MOMENTS[2]) for id in "abc"]
    for asked in ({}, {"ids": ["c", "a", "b"]}):
        assert await find(documents, "TRUE", sort=[(sort, "asc")], **asked) == "abc"
        assert await find(documents, "TRUE", sort=[(sort, "desc")], **asked) == "cba"


async def test_only_geometries_have_a_place(find: Any) -> None:
    """Any property was taken for the geometry where the box is one of the query's own."""
    for text in ("S_INTERSECTS(id, BBOX(0, 0, 1, 1))", "S_WITHIN(POINT(1 1), id)"):
        with pytest.raises(BadRequest, match="one of which is a property"):
            await find([], text)


@pytest.mark.parametrize("value", ["POINT(0 0)", "BBOX(0, 0, 1, 1)", "('a', 'b')", "(1, 2)"])
async def test_a_place_or_a_list_is_not_null(find: Any, value: str) -> None:
    documents = [Document("p", "a", "{}", NOWHERE)]
    assert await find(documents, f"{value} IS NULL") == ""
    assert await find(documents, f"{value} IS NOT NULL AND geometry IS NOT NULL") == "a"


async def test_a_flat_box_is_a_line_with_ends(find: Any) -> None:
    """A ring that goes there and back has none, so nothing could touch it."""
    point = Document("p", "a", "{}", geometry={"type": "Point", "coordinates": [175, 5]})
    assert await find([point], "S_TOUCHES(geometry, BBOX(0, 5, 175, 5))") == "a"
    assert await find([point], "S_WITHIN(geometry, BBOX(0, 5, 175, 5))") == ""
    assert await find([point], "S_EQUALS(geometry, BBOX(175, 5, 175, 5))") == "a"

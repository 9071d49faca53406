"""Record Core Query Parameters, Profile (Annex A of 20-004r1)."""

import re
from datetime import UTC, datetime
from typing import Any

import shapely

from tests.conformance.records_ats.catalogue import (
    ITEMS,
    PROFILE,
    Catalogue,
    abstract_test,
    link_of,
    links_of,
)

WORD = re.compile(r"[^\W_]+")
BOX = (-10.0, 35.0, 30.0, 60.0)


def listed(parameter: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that is a list between commas."""
    assert (parameter["in"], parameter["required"]) == ("query", False)
    assert (parameter["style"], parameter["explode"]) == ("form", False)
    assert parameter["schema"]["type"] == "array"
    return parameter["schema"]


@abstract_test("/conf/record-core-query-parameters/bbox")
async def bbox(catalogue: Catalogue) -> None:
    schema = listed(catalogue.parameter(ITEMS, "bbox"))
    assert (schema["minItems"], schema["maxItems"]) == (4, 6)
    assert schema["items"]["type"] == "number"
    await check_bbox(catalogue)


async def check_bbox(catalogue: Catalogue) -> None:
    """Records within or without a place, no others; and the documented way out."""
    asked = shapely.box(*BOX)
    for one in await catalogue.collections():
        every = (await catalogue.page(one["id"], limit=1000))["features"]
        box = ",".join(map(str, BOX))
        found = set(await catalogue.ids(one["id"], bbox=box))
        placed = {r["id"]: shapely.geometry.shape(r["geometry"]) for r in every if r["geometry"]}
        assert found >= {r["id"] for r in every} - set(placed)
        assert all(asked.intersects(placed[id]) for id in found & set(placed))
        exact = {id for id, shape in placed.items() if shape.geom_type == "Point"}
        assert {id for id in exact if asked.intersects(placed[id])} <= found
        only = set(await catalogue.ids(one["id"], bbox=box, match_missing="false"))
        assert only == found & set(placed)


@abstract_test("/conf/record-core-query-parameters/datetime")
async def datetimes(catalogue: Catalogue) -> None:
    parameter = catalogue.parameter(ITEMS, "datetime")
    assert parameter["schema"]["type"] == "string"
    assert parameter["style"] == "form"
    await check_datetime(catalogue)


async def check_datetime(catalogue: Catalogue) -> None:
    asked = ["2010-06-15T12:00:00Z", "2005-01-01T00:00:00Z/2012-01-01T00:00:00Z"]
    asked += ["../2009-12-31T23:59:59Z", "2018-01-01T00:00:00Z/..", "/2009-12-31T23:59:59Z"]
    for one in await catalogue.collections():
        every = (await catalogue.page(one["id"], limit=1000))["features"]
        for text in asked:
            found = await catalogue.ids(one["id"], datetime=text)
            wanted = {r["id"] for r in every if meets(r["time"], text)}
            assert set(found) == wanted, (one["id"], text)


def meets(time: dict[str, Any] | None, asked: str) -> bool:
    if time is None:
        return True
    start, end = span(time)
    ends = asked.split("/") if "/" in asked else [asked, asked]
    low, high = (None if one in ("", "..") else datetime.fromisoformat(one) for one in ends)
    return not (low and end and end < low) and not (high and start and start > high)


def span(time: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    one = time.get("timestamp") or time.get("date")
    pair = [one, one] if one else time["interval"]
    start, end = (None if p == ".." else datetime.fromisoformat(p) for p in pair)
    if end is not None and len(pair[1]) == 10:
        end = end.replace(hour=23, minute=59, second=59)
    start, end = (p if p is None or p.tzinfo else p.replace(tzinfo=UTC) for p in (start, end))
    return start, end


@abstract_test("/conf/record-core-query-parameters/limit")
async def limit(catalogue: Catalogue) -> None:
    schema = catalogue.parameter(ITEMS, "limit")["schema"]
    assert (schema["type"], schema["minimum"]) == ("integer", 1)
    assert schema["default"] >= 1
    for one in await catalogue.collections():
        for number in (1, 3, 10**9):
            page = await catalogue.page(one["id"], limit=number)
            assert page["numberReturned"] == len(page["features"])
            assert len(page["features"]) == min(number, page["numberMatched"], 1000)
    await catalogue.get("/collections/workflows/items", 400, params={"limit": "ten"})


@abstract_test("/conf/record-core-query-parameters/q-definition")
async def q_definition(catalogue: Catalogue) -> None:
    assert listed(catalogue.parameter(ITEMS, "q"))["items"]["type"] == "string"


@abstract_test("/conf/record-core-query-parameters/q-response")
async def q_response(catalogue: Catalogue) -> None:
    """One term; terms between commas; terms that follow one another, with any white space."""
    for name, record in await catalogue.some(2):
        words = WORD.findall(record["properties"]["title"])[:2]
        single = set(await catalogue.ids(name, q=words[0].upper()))
        assert record["id"] in single
        every = {r["id"]: r for r in (await catalogue.page(name, limit=1000))["features"]}
        assert all(words[0].lower() in said(every[id]) for id in single)
        either = set(await catalogue.ids(name, q=f"{words[0]},zzzzqqq"))
        assert either == single
        phrase = set(await catalogue.ids(name, q="  \t ".join(words)))
        assert record["id"] in phrase
        assert phrase <= single
        assert await catalogue.ids(name, q="zzzzqqq") == []


def said(record: dict[str, Any]) -> str:
    properties = record["properties"]
    texts = [properties.get("title", ""), properties.get("description", "")]
    return " ".join([*texts, *properties.get("keywords", [])]).lower()


@abstract_test("/conf/record-core-query-parameters/type-definition")
async def type_definition(catalogue: Catalogue) -> None:
    items = listed(catalogue.parameter(ITEMS, "type"))["items"]
    assert (items["type"], items["maxLength"]) == ("string", 64)


@abstract_test("/conf/record-core-query-parameters/type-response")
async def type_response(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        every = (await catalogue.page(one["id"], limit=1000))["features"]
        kind = every[0]["properties"]["type"]
        wanted = {r["id"] for r in every if r["properties"]["type"] == kind}
        assert set(await catalogue.ids(one["id"], type=f"nothing,{kind}")) == wanted
        assert await catalogue.ids(one["id"], type="nothing") == []


@abstract_test("/conf/record-core-query-parameters/ids-definition")
async def ids_definition(catalogue: Catalogue) -> None:
    assert listed(catalogue.parameter(ITEMS, "ids"))["items"]["type"] == "string"


@abstract_test("/conf/record-core-query-parameters/ids-response")
async def ids_response(catalogue: Catalogue) -> None:
    for one in await catalogue.collections():
        some = (await catalogue.ids(one["id"]))[:3]
        assert set(await catalogue.ids(one["id"], ids=",".join([*some, "nothing"]))) == set(some)
        assert await catalogue.ids(one["id"], ids="nothing") == []


@abstract_test("/conf/record-core-query-parameters/externalIds-definition")
async def external_ids_definition(catalogue: Catalogue) -> None:
    items = listed(catalogue.parameter(ITEMS, "externalIds"))["items"]
    assert (items["type"], items["pattern"]) == ("string", "([^:]+:)?[^:]+")


@abstract_test("/conf/record-core-query-parameters/externalIds-response")
async def external_ids_response(catalogue: Catalogue) -> None:
    """value, scheme:value, scheme: -- also for values and schemes with colons in them."""
    tested = 0
    for name, record in await catalogue.records():
        for one in record["properties"].get("externalIds", [])[:1]:
            asked = [one["value"]]
            if "scheme" in one:
                asked += [f"{one['scheme']}:{one['value']}", f"{one['scheme']}:"]
            for text in asked:
                assert record["id"] in await catalogue.ids(name, externalIds=text), text
            tested += 1
    assert tested
    assert await catalogue.ids("workflows", externalIds="10.1/nothing") == []


@abstract_test("/conf/query-param-profile/definition")
async def profile_definition(catalogue: Catalogue) -> None:
    for path in (ITEMS, f"{ITEMS}/{{recordId}}", ITEMS.removesuffix("/items")):
        assert listed(catalogue.parameter(path, "profile"))["items"]["type"] == "string"


@abstract_test("/conf/query-param-profile/response")
async def profile_response(catalogue: Catalogue) -> None:
    record = f"{PROFILE}ogc-record"
    for asked in ("ogc-record", "[ogc-profile:ogc-record]", record, f"{record},x", "unknown"):
        for place in ("/collections/workflows/items", "/collections/workflows"):
            answer = await catalogue.get(place, params={"profile": asked})
            wanted = record if place.endswith("items") else f"{PROFILE}ogc-catalog"
            assert answer.headers["link"] == f'<{wanted}>; rel="profile"'
            assert link_of(answer.json(), "profile")["href"] == wanted
    for _, one in await catalogue.some(1):
        assert [link["href"] for link in links_of(one, "profile")].count(record) == 1

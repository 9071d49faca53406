"""Bulk loads: read line by line in bounded memory, with a report of what became of each."""

import asyncio
import json

import aiohttp
import pytest
from catalog_api.routes.lines import batches

from tests.catalog_api.samples import item, product

ITEMS = "/stac/collections/sea-ice/items"
BULK = "/stac/collections/sea-ice/bulk_items"


@pytest.fixture
async def dock(make_catalogue, identity):
    """A catalogue with one product, and its owner's headers for lines."""
    made = await make_catalogue(max_body_bytes=20_000, max_bulk_bytes=2_000_000)
    await made.publish("product", product(), owner="deepesdl")
    made.owner = identity.headers("catalog-api", sub="deepesdl", roles=["contributor"]) | {
        "content-type": "application/x-ndjson"
    }
    return made


def many(number, start=0):
    return "\n".join(json.dumps(item(f"i{n:05}")) for n in range(start, start + number))


async def test_bulk_items_stores_good_lines_and_names_the_others(dock):
    await dock.client.post(BULK, content=json.dumps(item("known")), headers=dock.owner)
    lines = [item("a"), item("known", n=1), item("b", bbox=[]), item("a", n=2), item("c")]
    body = "\n".join([json.dumps(line) for line in lines] + ["", "{", "null"])
    answer = await dock.client.post(BULK, content=body, headers=dock.owner)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    counted = {name: report[name] for name in ("received", "inserted", "updated", "failed")}
    assert counted == {"received": 7, "inserted": 2, "updated": 2, "failed": 3}
    assert [error["line"] for error in report["errors"]] == [3, 7, 8]
    assert report["errors"][0]["errors"][0]["pointer"] == "/bbox"
    assert (await dock.get(f"{ITEMS}/a"))["n"] == 2
    assert (await dock.get(f"{ITEMS}/known"))["n"] == 1
    again = await dock.client.post(BULK, content=body, headers=dock.owner)
    assert again.json()["inserted"] == 0
    refused = await dock.client.post(f"{BULK}?method=insert", content=body, headers=dock.owner)
    assert refused.status_code == 400
    assert refused.json()["failed"] == 7
    assert (await dock.get(ITEMS))["numberMatched"] == 3


async def test_a_load_may_be_larger_than_other_bodies(dock):
    body = many(2500)
    assert len(body) > 20 * 20_000
    answer = await dock.client.post(BULK, content=body, headers=dock.owner)
    assert (answer.status_code, answer.json()["inserted"]) == (200, 2500)
    assert (await dock.get(ITEMS))["numberMatched"] == 2500


async def test_progress_is_told_while_the_load_goes_on(dock):
    headers = dock.owner | {"accept": "application/x-ndjson"}
    going = asyncio.Event()

    async def slowly():
        yield many(1500).encode() + b"\n"
        await asyncio.wait_for(going.wait(), 60)
        yield many(1500, 1500).encode() + b"\n{}"

    told = []
    url = f"{dock.client.base_url}".rstrip("/") + BULK
    async with (  # a client that reads while it sends
        aiohttp.ClientSession() as client,
        client.post(url, data=slowly(), headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        async for line in answer.content:
            told.append(json.loads(line))
            going.set()
    assert [next(iter(one)) for one in told][:: len(told) - 1] == ["progress", "report"]
    assert 0 < told[0]["progress"]["inserted"] < 3000
    report = told[-1]["report"]
    assert (report["received"], report["inserted"], report["failed"]) == (3001, 3000, 1)
    assert report["errors"][0]["line"] == 3001


async def test_what_was_stored_before_the_limit_stays_and_is_told(dock):
    async def endless():
        for start in range(0, 10_000, 500):
            yield many(500, start).encode() + b"\n"

    answer = await dock.client.post(BULK, content=endless(), headers=dock.owner)
    assert answer.status_code == 413
    stored = answer.json()["report"]["inserted"]
    assert (await dock.get(ITEMS))["numberMatched"] == stored > 0
    headers = dock.owner | {"accept": "application/x-ndjson"}
    answer = await dock.client.post(BULK, content=endless(), headers=headers)
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [next(iter(one)) for one in told][-2:] == ["problem", "report"]
    assert told[-2]["problem"]["status"] == 413


async def test_a_line_too_long_is_one_error(dock):
    lines = [json.dumps(item("a")), json.dumps(item("b", odd="x" * 30_000)), json.dumps(item("c"))]
    answer = await dock.client.post(BULK, content="\n".join(lines), headers=dock.owner)
    report = answer.json()
    assert (report["inserted"], [one["line"] for one in report["errors"]]) == (2, [2])


async def test_of_very_many_errors_the_first_are_told(dock):
    answer = await dock.client.post(BULK, content="x\n" * 3000, headers=dock.owner)
    assert answer.status_code == 400
    body = answer.json()
    assert (body["failed"], len(body["errors"])) == (3000, 1000)
    assert [one["line"] for one in body["errors"]] == list(range(1, 1001))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_lines_are_the_same_however_the_body_is_cut(size):
    body = b"a\n\nbb\r\n" + b"c" * 20 + b"\ndd\n" + b"e" * 20

    async def chunks():
        for start in range(0, len(body), size):
            yield body[start : start + size]
        yield b""

    found = [line async for batch in batches(chunks(), 10) for line in batch]
    assert found == [(1, b"a"), (3, b"bb\r"), (4, None), (5, b"dd"), (6, None)]


async def test_who_may_not_write_is_told_before_anything_is_read(dock, identity):
    other = identity.headers("catalog-api", sub="cdse", roles=["contributor"]) | {
        "content-type": "application/x-ndjson"
    }
    for headers, status in [(other, 403), ({"content-type": "application/x-ndjson"}, 401)]:
        answer = await dock.client.post(BULK, content=many(1), headers=headers)
        assert answer.status_code == status
    answer = await dock.client.post(BULK, content="", headers=dock.owner)
    assert answer.status_code == 400
    nowhere = "/stac/collections/none/bulk_items"
    assert (await dock.client.post(nowhere, content="", headers=dock.owner)).status_code == 404

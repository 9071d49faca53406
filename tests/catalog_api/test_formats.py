"""Downloads: newline-delimited JSON and GeoParquet of everything that a search finds."""

import asyncio
import io
import itertools
import json
from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace

import httpx2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from catalog_api.routes import formats
from catalog_api.routes.formats_rows import Rows
from catalog_api.routes.formats_schema import Shapes
from earthcode_common.ogc.links import NDJSON, PARQUET
from earthcode_common.ogc.query import Page, Stored
from fastapi import FastAPI, Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalog_api.samples import collection_of, item, product

MANY = 2500  # more than two pages of a download
ITEMS = "/stac/collections/sea-ice/items"


@pytest.fixture
async def filled(catalogue, identity):
    await catalogue.publish("product", product("sea-ice"))
    await catalogue.publish("product", product("bare"))
    headers = identity.headers("catalog-api", roles=["operator"])
    lines = "\n".join(json.dumps(_numbered(n)) for n in range(MANY))
    answer = await catalogue.client.post(
        "/stac/collections/sea-ice/bulk_items",
        content=lines.encode(),
        headers=headers | {"content-type": "application/x-ndjson"},
    )
    assert answer.status_code == 200, answer.text
    times = {"start_datetime": "2020-01-01T00:00:00Z", "end_datetime": "2020-02-01T00:00:00Z"}
    properties = {"datetime": None, "n": "text", "only": {"a": []}} | times
    odd = item("odd", geometry=None, properties=properties)
    del odd["bbox"]
    answer = await catalogue.client.post(
        "/stac/collections/bare/items", json=collection_of(odd), headers=headers
    )
    assert answer.status_code == 201, answer.text
    return catalogue


def _numbered(n):
    lon = n % 170
    return item(
        f"i{n:05}",
        geometry={"type": "Point", "coordinates": [lon, 10]},
        bbox=[lon, 10, lon, 10],
        properties={"datetime": f"20{n % 20 + 10}-01-01T00:00:00.5Z", "n": n, "half": n / 2},
    )


async def _lines(catalogue, path, **more):
    answer = await catalogue.client.get(path, **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == NDJSON
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_lines_hold_everything_once_and_as_it_is_served(filled):
    found = await _lines(filled, f"{ITEMS}?f=ndjson")
    assert [one["id"] for one in found] == list(dict.fromkeys(one["id"] for one in found))
    assert {one["id"] for one in found} == {f"i{n:05}" for n in range(MANY)}
    assert found[7] == await filled.get(f"{ITEMS}/{found[7]['id']}")
    first = (await filled.get(f"{ITEMS}?limit=3"))["features"]
    assert found[:3] == first


async def test_lines_obey_the_search(filled):
    found = await _lines(filled, "/stac/search?bbox=0,0,1,20&datetime=2010-01-01T00:00:00Z/..",
                         headers={"accept": "application/x-ndjson"})  # fmt: skip
    matched = (await filled.get("/stac/search?bbox=0,0,1,20"))["numberMatched"]
    assert len(found) == matched == len([n for n in range(MANY) if n % 170 <= 1])
    assert len(await _lines(filled, "/stac/search?f=ndjson&limit=1234")) == 1234
    assert await _lines(filled, "/stac/search?f=ndjson&ids=none-such") == []
    only = await _lines(filled, "/stac/search?f=ndjson&limit=1&fields=id")
    assert "geometry" not in only[0]


async def test_a_search_by_post_can_be_downloaded(filled):
    answer = await filled.client.post(
        "/stac/search", json={"collections": ["bare"]}, headers={"accept": NDJSON}
    )
    assert [json.loads(line)["id"] for line in answer.text.splitlines()] == ["odd"]


async def test_what_makes_no_sense_is_refused_before_a_download_begins(filled):
    for query in ("bbox=1", "limit=0", "token=x", "nonsense=1"):
        answer = await filled.client.get(f"/stac/search?f=parquet&{query}")
        assert answer.status_code in (400, 404), query
    assert (await filled.client.get("/stac/collections/nosuch/items?f=ndjson")).status_code == 404


async def test_head_tells_of_a_download_without_making_it(filled):
    answer = await filled.client.head(f"{ITEMS}?f=parquet")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == PARQUET
    assert answer.headers["content-disposition"] == 'attachment; filename="sea-ice.parquet"'


async def _table(catalogue, path):
    answer = await catalogue.client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == PARQUET
    return pq.ParquetFile(io.BytesIO(answer.content))


async def test_a_geoparquet_file_holds_the_same_items(filled):
    file = await _table(filled, "/stac/search?f=parquet")
    rows = {row["id"]: row for row in file.read().to_pylist()}
    assert len(rows) == MANY + 1
    geo = json.loads(file.metadata.metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    assert geo["columns"]["geometry"]["geometry_types"] == ["Point"]
    about = json.loads(file.metadata.metadata[b"stac-geoparquet"])
    assert about["version"] == "1.1.0"
    told, served = about["collections"]["sea-ice"], await filled.get("/stac/collections/sea-ice")
    assert {k: told[k] for k in told if k != "links"} == {
        k: served[k] for k in served if k != "links"
    }
    row = rows["i00007"]
    assert shapely.from_wkb(row["geometry"]).equals(shapely.Point(7, 10))
    assert row["bbox"] == {"xmin": 7, "ymin": 10, "xmax": 7, "ymax": 10}
    assert row["datetime"] == datetime(2017, 1, 1, 0, 0, 0, 500_000, UTC)
    assert (row["n"], row["half"], row["collection"]) == ("7", 3.5, "sea-ice")
    served = await filled.get(f"{ITEMS}/i00007")
    assert [one["href"] for one in row["links"]] == [one["href"] for one in served["links"]]
    odd = rows["odd"]
    assert (odd["geometry"], odd["bbox"], odd["datetime"]) == (None, None, None)
    assert odd["start_datetime"] == datetime(2020, 1, 1, tzinfo=UTC)
    assert (odd["n"], odd["only"], odd["stac_extensions"]) == ('"text"', {"a": []}, [])


async def test_a_geoparquet_file_of_nothing_is_a_file(filled):
    file = await _table(filled, "/stac/search?f=parquet&ids=none-such")
    assert file.metadata.num_rows == 0
    assert {"id", "geometry", "bbox", "links", "assets"} <= set(file.schema_arrow.names)


@pytest.mark.parametrize("type", [{"a": 1}, ["Point"], None, 5, "Point"])
async def test_what_looks_like_a_geometry_spoils_no_download(filled, identity, type):
    shape = {"type": type, "coordinates": [1, "x"]}
    looking = item("like", properties=item()["properties"] | {"shape": shape}, other=shape)
    path, headers = (
        "/stac/collections/bare/items",
        identity.headers("catalog-api", roles=["operator"]),
    )
    assert (await filled.client.post(path, json=looking, headers=headers)).status_code == 201
    file = await _table(filled, f"{path}?f=parquet")
    assert set(file.read().column("id").to_pylist()) == {"odd", "like"}


async def test_a_client_that_leaves_ends_the_download(serve):
    """The source of pages never ends: only the client's leaving can."""
    asked = itertools.count()
    latest = 0
    doc = json.dumps(item("x" * 10_000))

    async def find(session, given):
        nonlocal latest
        await asyncio.sleep(0)  # as reading from a database would let others work
        latest = next(asked)
        now = datetime.now(UTC)
        return Page([Stored("p", f"{latest}", doc, "", now, 1)] * 10, next="more")

    app = FastAPI()
    settings = SimpleNamespace(public_url="https://x.test")
    app.state.runtime = SimpleNamespace(settings=settings, db=SimpleNamespace(read=nullcontext))

    @app.get("/all")
    async def every(request: Request):
        return await formats.download(request, None, {}, find)

    async with serve(app) as url, httpx2.AsyncClient(timeout=60) as client:
        async with client.stream("GET", f"{url}/all?f=ndjson") as answer:
            async for _ in answer.aiter_bytes():
                break
        await asyncio.wait_for(_still(lambda: latest), 60)


async def _still(value):
    """Until the value has not changed for half a second."""
    while True:
        before = value()
        await asyncio.sleep(0.5)
        if value() == before:
            return


def _read_back(items):
    shapes = Shapes()
    for one in items:
        shapes.add(one)
    rows = Rows(shapes)
    data = rows.write(items) + rows.finish({})
    return pq.read_table(io.BytesIO(data)).to_pylist()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=3)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=2), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
NAMES = st.sampled_from(["a", "b", "id", "datetime", "proj:geometry", "type"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(NAMES, JSON, max_size=3), min_size=1, max_size=4))
def test_whatever_properties_hold_can_be_written_and_read(found):
    items = [item(f"{n}", properties=one) for n, one in enumerate(found)]
    back = _read_back(items)
    assert [row["id"] for row in back] == [one["id"] for one in items]
    for row, one in zip(back, items, strict=True):
        for name, value in one["properties"].items():
            column = f"properties.{name}" if name in ("id", "type") else name
            assert _same(row[column], value), (row[column], value)


def _same(read, written):
    """Equal, or equal as JSON text; members that others have are null."""
    if isinstance(read, str) and not isinstance(written, str):
        return json.loads(read) == written
    if isinstance(read, str):
        return read == written or json.loads(read) == written
    if isinstance(read, dict) and isinstance(written, dict):
        return all(_same(value, written.get(key)) for key, value in read.items())
    if isinstance(read, list) and isinstance(written, list):
        return all(_same(*pair) for pair in zip(read, written, strict=True))
    if isinstance(read, datetime):
        return isinstance(written, str)
    return read == written


@pytest.mark.parametrize(
    ("values", "type"),
    [
        ([1, 2.5], pa.float64()),
        ([1, None], pa.int64()),
        ([True, 1], pa.json_()),
        ([2**63, 1], pa.json_()),
        (["a", 1], pa.json_()),
        ([[], [1]], pa.list_(pa.int64())),
        ([{}, {"a": 1}], pa.struct([("a", pa.int64())])),
        ([{}, None], pa.json_()),
        ([[1], {"a": 1}], pa.json_()),
        ([{str(n): n for n in range(1000)}], pa.json_()),
    ],
)
def test_columns_are_as_narrow_as_their_values_allow(values, type):
    shapes = Shapes()
    for value in values:
        shapes.add(item("x", properties={"p": value}))
    data = (rows := Rows(shapes)).write([]) + rows.finish({})
    assert pq.read_schema(io.BytesIO(data)).field("p").type == type

"""`python -m catalog_api load`: files of lines into a catalogue that serves meanwhile."""

import asyncio
import gzip
import json
import multiprocessing
import os
import random
import signal
import sys
import time

import pytest
from catalog_api.loading import worker
from catalog_api.loading.errors import LoadFailed
from catalog_api.loading.files import blocks
from catalog_api.loading.indexing import finish
from catalog_api.loading.pool import outcomes
from catalog_api.loading.progress import Progress
from earthcode_common.ogc import indexes

from tests.catalog_api.samples import item, product

ITEM = indexes.Table("catalog_api", "item")
ITEMS = "/stac/collections/sea-ice/items"


@pytest.fixture
async def depot(make_catalogue):
    """A catalogue with two products, whose Items nobody guards."""
    made = await make_catalogue()
    await made.publish("product", product())
    await made.publish("product", product("waves"))
    return made


@pytest.fixture
def start(depot):
    """``await start(*arguments, given=None)`` -> the process of the command."""

    async def run(*arguments, **more):
        env = os.environ | {
            "EARTHCODE_DATABASE_URL": depot.settings.database_url,
            "EARTHCODE_PUBLIC_URL": depot.settings.public_url,
            "EARTHCODE_LOG_LEVEL": "WARNING",
        }
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "catalog_api", "load", *map(str, arguments)),
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=env | more,
        )

    return run


@pytest.fixture
def load(start):
    """``await load(*arguments, given=b"")`` -> exit status, what it told."""

    async def run(*arguments, given=b""):
        process = await start(*arguments)
        _, told = await process.communicate(given)
        return process.returncode, told.decode()

    return run


def lines(*items):
    return "".join(json.dumps(one) + "\n" for one in items)


def compact(*items):
    return "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in items)


def of(collection, id, **more):
    return item(id, collection=collection, **more)


async def test_files_of_several_products_are_stored_and_found(depot, load, tmp_path):
    (tmp_path / "a.ndjson").write_text(lines(of("sea-ice", "a"), of("waves", "b")))
    polygon = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    found = of("sea-ice", "c", geometry=polygon, bbox=[0, 0, 1, 1])
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(compact(found).encode()))
    status, told = await load(tmp_path / "a.ndjson", tmp_path / "b.ndjson.gz")
    assert (status, "3 new" in told) == (0, True), told
    assert (await depot.get("/stac/search", params={"bbox": "0.5,0.2,3,3"}))["features"][0] == (
        await depot.get(f"{ITEMS}/c")
    )
    assert {one["id"] for one in (await depot.get(ITEMS))["features"]} == {"a", "c"}
    assert (await depot.get("/stac/collections/waves/items"))["features"][0]["id"] == "b"


async def test_lines_that_are_not_fine_are_told_and_the_others_stored(depot, load, tmp_path):
    bad = [of("sea-ice", "x", bbox=[]), of("nowhere", "y"), item("z"), of("sea-ice", "g")]
    bad[3]["geometry"] = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0]]]}
    path = tmp_path / "mixed.ndjson"
    path.write_text(compact(of("sea-ice", "a"), *bad) + "\n{\n" + lines(of("sea-ice", "b")))
    kept = tmp_path / "errors.ndjson"
    status, told = await load(path, "--errors", kept)
    assert (status, "2 new" in told, "5 not stored" in told) == (1, True, True), told
    errors = [json.loads(line) for line in kept.read_text().splitlines()]
    assert sorted(error["line"] for error in errors) == [2, 3, 4, 5, 7]
    by_line = {error["line"]: error for error in errors}
    assert by_line[2]["errors"][0]["pointer"] == "/bbox"
    assert by_line[5]["errors"][0]["pointer"] == "/geometry"
    assert "nowhere" in by_line[3]["detail"]
    assert {one["id"] for one in (await depot.get(ITEMS))["features"]} == {"a", "b"}
    status, told = await load(path, "--on-conflict", "skip")
    assert f"{path}:2: The Item is not valid: /bbox" in told


@pytest.mark.parametrize(
    ("on_conflict", "status", "n"), [("error", 1, 1), ("skip", 0, 1), ("replace", 0, 3)]
)
async def test_items_that_are_there_already(depot, load, on_conflict, status, n):
    first = lines(item("a", n=1))
    assert (await load("--collection", "sea-ice", given=first.encode()))[0] == 0
    again = lines(item("a", n=2), item("a", n=3), item("b"))
    given = ("--collection", "sea-ice", "--on-conflict", on_conflict)
    found = await load(*given, given=again.encode())
    assert found[0] == status, found
    assert (await depot.get(f"{ITEMS}/a"))["n"] == n
    assert (await depot.get(f"{ITEMS}/b"))["id"] == "b"


async def test_some_of_many_are_there_already(depot, load, tmp_path):
    """Batches without and with Items that are there, each of which is looked for once it was."""
    every = [of("sea-ice", f"i{n:04}", n=1) for n in range(4500)]
    first = every[1500:1700] + every[3000:3001]
    assert (await load(given=compact(*first).encode()))[0] == 0
    path = tmp_path / "every.ndjson"
    path.write_text(compact(*(one | {"n": 2} for one in every)))
    status, told = await load(path, "--workers", 1)
    assert (status, "4,299 new" in told, "201 not stored" in told) == (1, True, True), told
    status, told = await load(path, "--workers", 1, "--on-conflict", "replace")
    assert (status, "201 replaced, 4,299 left" in told) == (0, True), told
    assert (await depot.get(f"{ITEMS}/i1500"))["n"] == 2


async def test_a_load_that_is_killed_goes_on(depot, start, load, tmp_path):
    """Whole batches are there; the second run stores the others, each once."""
    every = [of("sea-ice", f"i{n:05}", n=n) for n in range(30_000)]
    process = await start()
    # It is never told the rest, so that it cannot be done before it is killed.
    process.stdin.write(compact(*every[:20_000]).encode())
    until = time.monotonic() + 120
    while not (stored := await number_of_items(depot)):
        assert time.monotonic() < until, "nothing was stored in time"
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    assert 0 < stored < 30_000
    path = tmp_path / "many.ndjson"
    path.write_text(compact(*every))
    status, told = await load(path, "--on-conflict", "skip")
    assert status == 0, told
    async with depot.runtime.db.read() as session:
        rows = await session.fetch("select count(*), count(distinct id) from item")
        docs = await session.fetch("select count(*) from item_doc join item using (seq)")
    assert (*rows[0], *docs[0]) == (30_000, 30_000, 30_000)


async def number_of_items(depot):
    async with depot.runtime.db.read() as session:
        return (await session.fetch("select count(*) from item"))[0][0]


async def test_indexes_are_made_after_even_when_the_load_was_killed(depot, load, tmp_path):
    url = depot.settings.database_url
    path = tmp_path / "some.ndjson"
    path.write_text(compact(*(of("sea-ice", f"i{n}") for n in range(50))))
    status, told = await load(path, "--build-indexes-after")
    assert (status, await indexes.missing(url, ITEM)) == (0, []), told
    assert (await load(path, "--build-indexes-after"))[0] == 2
    async with depot.runtime.db.write() as session:
        await session.exec_driver_sql("delete from item")
    await indexes.drop(url, ITEM)  # as a load does that is killed then
    assert len(await indexes.missing(url, ITEM)) == 24
    status, told = await load("--collection", "waves", given=lines(item("one")).encode())
    assert (status, await indexes.missing(url, ITEM)) == (0, []), told


async def test_what_most_searches_need_is_made_first(depot, monkeypatch, capsys):
    """Words and orders by properties come when all can be searched, which is told."""
    url, build = depot.settings.database_url, indexes.build
    await indexes.drop(url, ITEM)
    done = []

    async def watched(*given):
        await build(*given)
        done.append((set(await indexes.missing(url, ITEM)), capsys.readouterr().err))

    monkeypatch.setattr(indexes, "build", watched)
    progress = Progress(None, None)
    progress.report.inserted = progress.report.received = 1000
    await finish(url, progress, 2)
    before, analysed, after, again = done
    assert set(indexes.definitions(ITEM)) - before[0] == {
        *("item_id", "item_time", "item_part_time", "item_no_time", "item_span"),
        *("item_box", "item_box_large", "item_place", "item_no_box"),
    }
    assert before[1] == "Making 9 indexes ...\n"
    assert analysed == (before[0], "")
    assert after[0] == set()
    assert " all can be searched by place, time, Collection and id. Making 15 more" in after[1]
    assert again == (set(), "")


async def test_autovacuum_passes_by_while_an_empty_store_is_filled(depot, start):
    """Whoever ends the connection that sees to it does not end the load."""
    process = await start("--build-indexes-after", "--workers", 1)
    process.stdin.write(compact(*(of("sea-ice", f"i{n:05}") for n in range(20_000))).encode())
    until = time.monotonic() + 120
    while not await number_of_items(depot):
        assert time.monotonic() < until, "nothing was stored in time"
        await asyncio.sleep(0.01)
    async with depot.runtime.db.read() as session:
        rows = await session.fetch(
            "select relation::regclass::text as name, pid, backend_xid, backend_xmin"
            " from pg_locks join pg_stat_activity using (pid)"
            " where mode = 'ShareUpdateExclusiveLock' and database = "
            " (select oid from pg_database where datname = current_database())"
        )
        assert {row["name"] for row in rows} == {"item", "item_doc"}
        assert {(row["backend_xid"], row["backend_xmin"]) for row in rows} == {(None, None)}
        await session.fetch(f"select pg_terminate_backend({rows[0]['pid']})")
    _, told = await process.communicate(b"")
    assert (process.returncode, "20,000 new" in told.decode()) == (0, True), told
    assert await indexes.missing(depot.settings.database_url, ITEM) == []


async def test_the_indexes_that_are_left_out_are_those_of_the_database(depot):
    query = (
        "select indexrelid::regclass::text as name from pg_index"
        " where indrelid = 'item'::regclass and not indisunique"
    )
    async with depot.runtime.db.read() as session:
        there = {row["name"] for row in await session.fetch(query)}
    assert set(indexes.definitions(ITEM)) == there


async def test_wrong_use_and_a_database_that_is_away(depot, load, start, tmp_path):
    assert (await load(tmp_path / "absent.ndjson"))[0] == 2
    assert (await load("--on-conflict", "ignore"))[0] == 2
    gone = depot.settings.database_url.replace("/test_", "/absent_")
    process = await start(EARTHCODE_DATABASE_URL=gone)
    await process.communicate(b"")
    assert process.returncode == 1


@pytest.fixture(params=[".ndjson", ".ndjson.gz"])
def written(request, tmp_path, monkeypatch):
    """``written(content)``: a file that is read in blocks of few bytes."""
    monkeypatch.setattr("catalog_api.loading.files.BLOCK", 7)
    monkeypatch.setattr("catalog_api.loading.ranges.BLOCK", 7)

    def write(content):
        path = tmp_path / f"odd{request.param}"
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
        return str(path)

    return write


def test_lines_are_numbered_however_long_they_are(written):
    path = written(b"a\n\nbb\r\n" + b"c" * 30 + b"\ndd\n" + b"e" * 30)
    found = [line for block in blocks([path], 10) for line in block.lines(10)]
    assert found == [(1, b"a"), (3, b"bb\r"), (4, None), (5, b"dd"), (6, None)]


def test_every_line_is_handed_out_once(written):
    chance = random.Random(1)
    for _ in range(300):
        lengths = chance.choices((0, 1, 5, 6, 7, 8, 10, 11, 25), k=chance.randint(0, 12))
        every = [bytes([97 + n]) * length for n, length in enumerate(lengths)]
        path = written(b"\n".join(every) + b"\n" * chance.randint(0, 1))
        found = list(blocks([path], 10))
        wanted = [(n, one if len(one) <= 10 else None) for n, one in enumerate(every, 1) if one]
        assert [line for block in found for line in block.lines(10)] == wanted
        if path.endswith(".ndjson"):
            assert sum(block.size for block in found) == os.path.getsize(path)


def test_a_file_that_becomes_shorter_ends_the_load(tmp_path, monkeypatch):
    monkeypatch.setattr("catalog_api.loading.ranges.BLOCK", 7)
    path = tmp_path / "some.ndjson"
    path.write_bytes(b"abc\n" * 10)
    handed_out = blocks([str(path)], 10)
    first = next(handed_out)
    path.write_bytes(b"ab")
    with pytest.raises(LoadFailed, match=r"some.ndjson became shorter"):
        list(handed_out)
    monkeypatch.setattr("gc.disable", lambda: None)  # for the process would be that of the tests
    here, there = multiprocessing.Pipe()
    here.send(first)
    worker.run(there, worker.Options("postgresql://nowhere/none", "", None, "error", 10))
    with pytest.raises(LoadFailed, match=r"^\S+some.ndjson became shorter"):
        list(outcomes(iter([first]), [here]))

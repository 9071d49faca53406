"""What people can ask of runs: starting, watching, fetching, cancelling, and what is refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import nats
import pytest
from earthcode_common.consumer import parse
from earthcode_common.contracts import REPRODUCTION_PUBLISHED
from reproducer.service import SERVICE

from tests.reproducer.quirky import CSV, Quirks, publish_table_experiment, quirky_app

EXPERIMENT = "table.experiment"
MINE = {"sub": "somebody", "roles": ["contributor"]}


@pytest.fixture
def table(serve: Any, published: Any, make_reproducer: Any, work: Any) -> Any:
    @asynccontextmanager
    async def running(
        quirks: Quirks | None = None, *, worker: bool = True, content: bytes = CSV, **values: Any
    ) -> AsyncIterator[Any]:
        async with serve(quirky_app(quirks or Quirks())) as url:
            publish_table_experiment(published, url, content)
            platform = {"id": "quirky", "title": "Quirky", "kind": "ogc-api-processes", "url": url}
            reproducer = await make_reproducer([platform], **values)
            if not worker:
                yield reproducer
                return
            async with work(SERVICE, reproducer.settings):
                yield reproducer

    return running


async def post(reproducer: Any, body: Any, *, who: Any = MINE, **headers: str) -> Any:
    sent = (reproducer.as_(**who) if who else {}) | headers
    return await reproducer.client.post("/reproduce/runs", json=body, headers=sent)


async def test_who_may_start_runs(table: Any) -> None:
    async with table(worker=False) as reproducer:
        asked = {"experiment": EXPERIMENT}
        assert (await post(reproducer, asked, who=None)).status_code == 401
        reader = {"sub": "r", "roles": ["reader"]}
        assert (await post(reproducer, asked, who=reader)).status_code == 403
        for role in ("contributor", "platform", "steward", "technical-officer"):
            answer = await post(reproducer, asked, who={"sub": role, "roles": [role]})
            assert answer.status_code == 201, role
            assert answer.headers["location"].endswith(f"/reproduce/runs/{answer.json()['id']}")
            assert answer.json()["state"] == "planned"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"experiment": "nothing"}, 422, "no published experiment"),
        ({"experiment": EXPERIMENT, "platform": "moon"}, 422, "no platform moon"),
        ({}, 400, "experiment"),
        ({"experiment": ""}, 400, "experiment"),
        ({"experiment": EXPERIMENT, "parameters": []}, 400, "parameters"),
        ({"experiment": EXPERIMENT, "more": 1}, 400, "more"),
        ({"experiment": EXPERIMENT, "parameters": {"a": "\0"}}, 400, "parameters"),
        ({"experiment": EXPERIMENT, "parameters": {"a": 2**70}}, 400, "64 bits"),
        ({"experiment": "a\ud800"}, 400, ""),
        ([], 400, ""),
    ],
)
async def test_bad_requests_are_told_why(table: Any, body: Any, status: int, said: str) -> None:
    async with table(worker=False) as reproducer:
        content = json.dumps(body)
        headers = reproducer.as_(**MINE) | {"Content-Type": "application/json"}
        answer = await reproducer.client.post("/reproduce/runs", content=content, headers=headers)
        assert answer.status_code == status, answer.text
        assert said in answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_what_cannot_be_run_is_refused_with_all_reasons(table: Any, published: Any) -> None:
    async with table(worker=False) as reproducer:
        published.put("workflow", {"id": "table-workflow", "links": []})
        published.attachments.clear()
        answer = await post(reproducer, {"experiment": EXPERIMENT})
    assert answer.status_code == 422
    codes = {reason["code"] for reason in answer.json()["reasons"]}
    assert codes == {"workflow-not-executable", "input-missing"}


async def test_the_same_key_starts_one_run(table: Any, published: Any) -> None:
    async with table(worker=False) as reproducer:
        asked = {"experiment": EXPERIMENT}
        answers = await asyncio.gather(
            *(post(reproducer, asked, **{"Idempotency-Key": "k1"}) for _ in range(5))
        )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        published.entities.clear()
        again = await post(reproducer, asked, **{"Idempotency-Key": "k1"})
        assert again.json()["id"] == answers[0].json()["id"]
        changed = asked | {"parameters": {"year": 1}}
        other = await post(reproducer, changed, **{"Idempotency-Key": "k1"})
        assert other.status_code == 422
        listed = (await reproducer.client.get("/reproduce/runs")).json()["runs"]
        assert len(listed) == 1


async def test_nobody_fills_the_queue_alone(table: Any) -> None:
    async with table(worker=False, active_runs_per_person=2) as reproducer:
        asked = {"experiment": EXPERIMENT}
        answers = await asyncio.gather(*(post(reproducer, asked) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 201, 429, 429]
        other = await post(reproducer, asked, who={"sub": "other", "roles": ["contributor"]})
        assert other.status_code == 201


async def test_a_run_that_was_not_sent_is_cancelled_at_once(table: Any) -> None:
    async with table(worker=False) as reproducer:
        key = await reproducer.start(EXPERIMENT)
        path = f"/reproduce/runs/{key}"
        assert (await reproducer.client.delete(path)).status_code == 401
        stranger = reproducer.as_(sub="x", roles=["contributor"])
        assert (await reproducer.client.delete(path, headers=stranger)).status_code == 403
        operator = reproducer.as_(sub="x", roles=["operator"])
        answer = await reproducer.client.delete(path, headers=operator)
        assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
        assert (await reproducer.client.delete(path, headers=operator)).status_code == 409


async def test_runs_are_listed_in_pages(table: Any) -> None:
    async with table(worker=False) as reproducer:
        keys = [await reproducer.start(EXPERIMENT) for _ in range(5)]
        seen, path = [], "/reproduce/runs?limit=2&state=planned"
        while path:
            page = (await reproducer.client.get(path)).json()
            seen += [run["id"] for run in page["runs"]]
            links = {link["rel"]: link["href"] for link in page["links"]}
            path = links["next"].partition("/reproduce/")[2] if "next" in links else ""
            path = path and f"/reproduce/{path}"
        assert seen == keys[::-1]
        for query, status in {
            "state=done": 200,
            "state=odd": 400,
            "limit=0": 400,
            "token=x": 400,
            "odd=1": 400,
            "mine=true": 401,
            "experiment=none": 200,
        }.items():
            answer = await reproducer.client.get(f"/reproduce/runs?{query}")
            assert answer.status_code == status, query
            assert status != 200 or answer.json()["runs"] == []
        headers = reproducer.as_(**MINE)
        mine = await reproducer.client.get("/reproduce/runs?mine=true", headers=headers)
        assert len(mine.json()["runs"]) == 5


@pytest.mark.parametrize("path", ["x", "01a1fb71-1274-73d9-838b-c0a77636bdae"])
async def test_runs_that_do_not_exist(table: Any, path: str) -> None:
    async with table(worker=False) as reproducer:
        for rest in ("", "/events", "/results", "/results/a", "/report", "/report/a.png", "/crate"):
            answer = await reproducer.client.get(f"/reproduce/runs/{path}{rest}")
            assert answer.status_code == 404, rest


async def test_what_a_run_leaves(table: Any) -> None:
    secret = {"api_key": "hush", "year": 2020}
    async with table(content=b"a,b\n1,2.6\n") as reproducer:
        answer = await post(reproducer, {"experiment": EXPERIMENT, "parameters": secret})
        key = answer.json()["id"]
        run = await reproducer.until(key, "done")
        base = f"/reproduce/runs/{key}"
        get = reproducer.client.get

        assert run["plan"]["inputs"] == {"api_key": "[redacted]", "year": 2020}
        (output,) = (await get(f"{base}/results")).json()["outputs"]
        assert output["multihash"].startswith("1220")
        assert (output["name"], output["size"]) == ("table", len(CSV))

        whole = await get(f"{base}/results/table")
        assert (whole.content, whole.headers["etag"]) == (CSV, f'"{output["multihash"]}"')
        assert whole.headers["x-content-type-options"] == "nosniff"
        part = await get(f"{base}/results/table", headers={"Range": "bytes=4-6"})
        assert (part.status_code, part.content) == (206, CSV[4:7])
        etag = {"If-None-Match": whole.headers["etag"]}
        assert (await get(f"{base}/results/table", headers=etag)).status_code == 304
        head = await reproducer.client.head(f"{base}/results/table")
        assert head.headers["content-length"] == str(len(CSV))
        assert (await get(f"{base}/results/other")).status_code == 404

        report = (await get(f"{base}/report")).json()
        (compared,) = report["outputs"]
        assert (report["verdict"], compared["verdict"]) == ("different", "different")
        assert compared["figures"]["max_abs"] == pytest.approx(0.1)
        picture = await get(f"{base}/report/table.png")
        assert picture.headers["content-type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")

        crate = await get(f"{base}/crate")
        assert "hush" not in crate.text
        graph = {entity["@id"]: entity for entity in crate.json()["@graph"]}
        action = graph[f"#run-{key}"]
        assert action["@type"] == "CreateAction"
        for reference in (*action["object"], *action["result"], action["instrument"]):
            assert reference["@id"] in graph


async def test_the_record_is_published_and_announced(table: Any, clean_streams: str) -> None:
    async with table() as reproducer:
        key = await reproducer.start(EXPERIMENT)
        await reproducer.until(key, "done")
        answer = await reproducer.client.get(f"/reproduce/reproductions/{key}")
        record = answer.json()
        assert (record["id"], record["type"], record["geometry"]) == (key, "Feature", None)
        properties = record["properties"]
        assert (properties["type"], properties["verdict"]) == ("reproduction", "identical")
        assert properties["osc:experiment"] == EXPERIMENT
        hashes = properties["multihashes"]["table"]
        assert hashes["published"] == hashes["produced"]
        rels = {link["rel"] for link in record["links"]}
        assert {"experiment", "product", "run", "report"} <= rels
        etag = {"If-None-Match": answer.headers["etag"]}
        again = await reproducer.client.get(f"/reproduce/reproductions/{key}", headers=etag)
        assert again.status_code == 304
        listed = (await reproducer.client.get("/reproduce/reproductions?limit=500")).json()
        assert [(r["id"], r["version"]) for r in listed["reproductions"]] == [(key, 1)]
        assert listed["next"] is None
        event = await first_event(clean_streams)
    assert event.type == REPRODUCTION_PUBLISHED.type
    assert (event.data.id, event.data.verdict) == (key, "identical")
    assert (event.data.experiment, event.data.products) == (EXPERIMENT, ["table.product"])


async def first_event(url: str) -> Any:
    client = await nats.connect(url)
    pull = await client.jetstream().pull_subscribe_bind("records-entities", "EARTHCODE")
    (message,) = await pull.fetch(1, timeout=60)
    await client.close()
    return parse(message)


async def read_events(reproducer: Any, key: str, **headers: str) -> list[dict[str, Any]]:
    """All events until the stream ends by itself."""
    path, events = f"/reproduce/runs/{key}/events", []
    async with reproducer.client.stream("GET", path, headers=headers, timeout=120) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        async for line in response.aiter_lines():
            if line.startswith("id: "):
                events.append({"id": int(line[4:])})
            elif line.startswith("data: "):
                events[-1] |= json.loads(line[6:])
    return events


async def test_events_are_told_as_they_happen_and_from_where_one_stopped(table: Any) -> None:
    hold = {"run": asyncio.Event()}
    async with table(Quirks(hold=hold), longest_poll_seconds=0.5) as reproducer:
        key = await reproducer.start(EXPERIMENT)
        watching = asyncio.create_task(read_events(reproducer, key))
        await reproducer.until(key, "queued")
        hold["run"].set()
        events = await asyncio.wait_for(watching, 120)
        run = await reproducer.run(key)
        states = [t["state"] for t in run["transitions"]]
        told = [e["state"] for e in events if "progress" not in e]
        assert told == states
        assert told[-1] == "done"
        numbers = [event["id"] for event in events]
        assert numbers == list(range(1, len(events) + 1))
        later = await read_events(reproducer, key, **{"Last-Event-ID": "3"})
        assert [event["id"] for event in later] == numbers[3:]
        nothing = await read_events(reproducer, key, **{"Last-Event-ID": str(numbers[-1])})
        assert nothing == []
        path = f"/reproduce/runs/{key}/events"
        wrong = await reproducer.client.get(path, headers={"Last-Event-ID": "x"})
        assert wrong.status_code == 400


async def test_streams_are_limited(table: Any) -> None:
    async with table(worker=False, event_streams=1) as reproducer:
        key = await reproducer.start(EXPERIMENT)
        path = f"/reproduce/runs/{key}/events"
        async with reproducer.client.stream("GET", path) as first:
            assert first.status_code == 200
            lines = first.aiter_lines()
            while not (await anext(lines)).startswith("data"):
                pass
            assert (await reproducer.client.get(path)).status_code == 503


async def test_platforms_are_those_of_the_file(table: Any) -> None:
    async with table(worker=False) as reproducer:
        (found,) = (await reproducer.client.get("/reproduce/platforms")).json()["platforms"]
        one = (await reproducer.client.get("/reproduce/platforms/quirky")).json()
        assert found == one
        assert (one["id"], one["kind"]) == ("quirky", "ogc-api-processes")
        assert (await reproducer.client.get("/reproduce/platforms/moon")).status_code == 404


async def test_a_neighbour_that_is_away_is_not_our_fault(table: Any, published: Any) -> None:
    async with table(worker=False, publisher_url="http://127.0.0.1:9") as reproducer:
        answer = await reproducer.client.get(f"/reproduce/experiments/{EXPERIMENT}/plan")
        assert answer.status_code == 503
        assert "retry-after" in answer.headers


async def test_unknown_experiments_have_no_plan(table: Any) -> None:
    async with table(worker=False) as reproducer:
        for key in ("nothing", "a%2Fb", "%F0%9F%8C%8D", "x" * 3000):
            answer = await reproducer.client.get(f"/reproduce/experiments/{key}/plan")
            assert answer.status_code == 404, key[:20]


async def test_a_published_file_that_is_gone_is_not_comparable(table: Any, published: Any) -> None:
    async with table() as reproducer:
        published.attachments.pop(("product", "table.product", "table.csv"))
        key = await reproducer.start(EXPERIMENT)
        run = await reproducer.until(key, "done")
        report = (await reproducer.client.get(f"/reproduce/runs/{key}/report")).json()
    assert run["verdict"] == "not-comparable"
    assert "status 404" in report["outputs"][0]["reason"]

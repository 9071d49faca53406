"""Runs on servers that leave the standard, or break it: one job each, and one end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from reproducer.service import SERVICE

from tests.reproducer.quirky import Quirks, publish_table_experiment, quirky_app

KIND = "ogc-api-processes"
TERMINAL = ("done", "failed", "cancelled", "lost")
# An answer that a busy machine delays is none of the quirks.
FAST = {"reconcile_seconds": 20.0, "submit_seconds": 5.0, "longest_poll_seconds": 0.5}


@pytest.fixture
def quirky(serve: Any, published: Any, make_reproducer: Any, work: Any) -> Any:
    @asynccontextmanager
    async def running(
        quirks: Quirks, content: bytes | None = None, entry: Any = None, **values: Any
    ) -> AsyncIterator[Any]:
        async with serve(quirky_app(quirks)) as url:
            more = () if content is None else (content,)
            experiment = publish_table_experiment(published, url, *more)
            platform = {"id": "quirky", "title": "Quirky", "kind": KIND, "url": url}
            reproducer = await make_reproducer([platform | (entry or {})], **(FAST | values))
            async with work(SERVICE, reproducer.settings):
                reproducer.key = await reproducer.start(experiment)
                yield reproducer

    return running


ACCEPTING = [
    Quirks(location="absolute", body="null"),
    Quirks(location="relative", body="empty"),
    Quirks(location="none", body="jobID"),
    Quirks(location="none", body="id"),
    Quirks(location="none", body="links"),
    Quirks(location="none", body="null"),
    Quirks(accept="504"),
    Quirks(accept="504", echo=False, marker_input=False),
    Quirks(accept="504", listing="plain", marker_input=False),
    Quirks(accept="504", listing="strict"),
    Quirks(accept="hang"),
    Quirks(accept="503-late"),
    Quirks(accept="429"),
    Quirks(accept="sync", results="raw"),
    Quirks(results="wrapped"),
    Quirks(results="reference"),
    Quirks(results="raw"),
    Quirks(words=("ProcessAccepted", "ProcessStarted", "ProcessSucceeded")),
    Quirks(words=("accepted", "successful")),
    Quirks(words=("accepted", "dreaming", "running", "finished"), not_ready=1),
    Quirks(status_404=1),
]


SCRIPT = ("accept", "location", "body", "marker_input", "echo", "listing", "results", "words")


def named(quirks: Quirks) -> str:
    odd = {name: getattr(quirks, name) for name in SCRIPT}
    shown = [f"{k}={v}" for k, v in odd.items() if v != getattr(Quirks(), k)]
    return ",".join(shown) or f"usual,{quirks.status_404}"


ENDING = [
    (Quirks(accept="400"), "failed", "year: is not a year"),
    (Quirks(accept="500-no-job"), "lost", "nothing was posted a second time"),
    (Quirks(accept="504", listing="none"), "lost", "list of jobs could not be read"),
    (Quirks(words=("accepted", "failed")), "failed", "the job failed"),
    (Quirks(words=("accepted", "dismissed")), "cancelled", "stopped on the platform"),
    (Quirks(results="multipart"), "failed", "multipart"),
]


@pytest.fixture
async def everywhere(
    serve: Any, published: Any, make_reproducer: Any, work: Any
) -> AsyncIterator[Any]:
    """``await everywhere([quirks, ...])``: one run on a server of each kind, until all ended."""
    async with AsyncExitStack() as stack:

        async def run_on(all_quirks: list[Quirks], **values: Any) -> list[dict[str, Any]]:
            app = FastAPI()
            for number, quirks in enumerate(all_quirks):
                app.mount(f"/q{number}", quirky_app(quirks))
            url = await stack.enter_async_context(serve(app))
            entries = [
                {"id": f"q{n}", "title": named(q), "kind": KIND, "url": f"{url}/q{n}"}
                for n, q in enumerate(all_quirks)
            ]
            experiment = publish_table_experiment(published, f"{url}/q0")
            values = FAST | {"active_runs_per_person": 100, "parallel_runs": 3} | values
            reproducer = await make_reproducer(entries, **values)
            await stack.enter_async_context(work(SERVICE, reproducer.settings))
            keys = [await reproducer.start(experiment, platform=e["id"]) for e in entries]
            return [await reproducer.until(key, *TERMINAL, within=240) for key in keys]

        yield run_on


async def test_one_job_and_a_verdict(everywhere: Any) -> None:
    runs = await everywhere(ACCEPTING)
    found = {named(q): (r["verdict"], r["reason"]) for q, r in zip(ACCEPTING, runs, strict=True)}
    assert found == {named(quirks): ("identical", None) for quirks in ACCEPTING}
    for quirks in ACCEPTING:
        assert len(quirks.jobs) == (0 if quirks.accept == "sync" else 1), named(quirks)
        assert quirks.posts == (2 if quirks.accept == "429" else 1), named(quirks)


async def test_ends_that_are_no_verdict(everywhere: Any) -> None:
    asked = [quirks for quirks, _, _ in ENDING]
    runs = await everywhere(asked, patience_seconds=4, reconcile_seconds=3.0)
    for (quirks, state, said), run in zip(ENDING, runs, strict=True):
        assert (run["state"], run["verdict"]) == (state, None), named(quirks)
        assert said in run["reason"], named(quirks)
        assert quirks.posts == 1, named(quirks)


async def test_another_product_is_different(quirky: Any) -> None:
    async with quirky(Quirks(outputs=b"a,b\n1,2.6\n")) as reproducer:
        run = await reproducer.until(reproducer.key, "done")
    assert run["verdict"] == "different"


async def test_a_run_whose_post_left_no_trace_goes_on_where_the_operator_says_so(
    quirky: Any,
) -> None:
    quirks = Quirks(accept="500-no-job")
    async with quirky(quirks, entry={"settles_seconds": 1}) as reproducer:
        await until(lambda: quirks.posts == 1)
        quirks.accept = "201"
        run = await reproducer.until(reproducer.key, "done")
    assert run["verdict"] == "identical"
    assert len(quirks.jobs) == 1
    states = [t["state"] for t in run["transitions"]]
    assert states[:4] == ["planned", "submitting", "planned", "submitting"]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_two_runs_without_answers_do_not_share_a_job(quirky: Any) -> None:
    quirks = Quirks(accept="504", marker_input=False)
    async with quirky(quirks, reconcile_seconds=3.0) as reproducer:
        other = await reproducer.start("table.experiment", parameters={"year": 2021})
        runs = [await reproducer.until(key, "done", "lost") for key in (reproducer.key, other)]
    jobs = await asyncio.gather(*(reproducer_job(reproducer, run) for run in runs))
    known = [job for job in jobs if job]
    assert len(known) == len(set(known))
    assert quirks.posts == 2


async def reproducer_job(reproducer: Any, run: dict[str, Any]) -> str | None:
    answer = await reproducer.client.get(
        f"/reproduce/runs/{run['id']}", headers=reproducer.as_(sub="op", roles=["operator"])
    )
    found: str | None = answer.json()["job"]
    return found


async def test_a_platform_has_no_more_of_our_jobs_than_it_is_said_to_bear(quirky: Any) -> None:
    quirks = Quirks(hold={"run": asyncio.Event()})
    async with quirky(quirks, entry={"max_jobs": 2}) as reproducer:
        others = [await reproducer.start("table.experiment") for _ in range(3)]
        await until(lambda: len(quirks.jobs) == 2)
        await asyncio.sleep(2)  # a third one would have come
        assert len(quirks.jobs) == 2
        quirks.hold["run"].set()
        for key in (reproducer.key, *others):
            assert (await reproducer.until(key, "done"))["verdict"] == "identical"
    assert len(quirks.jobs) == 4


@pytest.mark.parametrize("dismiss", ["200", "410"])
async def test_a_running_job_is_cancelled_on_the_platform(quirky: Any, dismiss: str) -> None:
    quirks = Quirks(words=("running",), dismiss=dismiss)
    async with quirky(quirks) as reproducer:
        await reproducer.until(reproducer.key, "running")
        path = f"/reproduce/runs/{reproducer.key}/actions/cancel"
        denied = await reproducer.client.post(
            path, headers=reproducer.as_(sub="other", roles=["contributor"])
        )
        assert denied.status_code == 403
        mine = reproducer.as_(roles=["contributor"])
        assert (await reproducer.client.post(path, headers=mine)).status_code == 202
        await reproducer.until(reproducer.key, "cancelled")
        again = await reproducer.client.delete(f"/reproduce/runs/{reproducer.key}", headers=mine)
        assert again.status_code == 409
    assert quirks.dismissed


async def test_a_platform_without_the_process_fails_the_run(quirky: Any, published: Any) -> None:
    async with quirky(Quirks()) as reproducer:
        link = {"rel": "process", "href": f"{reproducer_platform(reproducer)}/processes/other"}
        published.put("workflow", {"id": "table-workflow", "links": [link]})
        key = await reproducer.start("table.experiment")
        run = await reproducer.until(key, "failed")
    assert "does not offer the process" in run["reason"]


def reproducer_platform(reproducer: Any) -> str:
    from reproducer.registry import read_platforms

    (entry,) = read_platforms(reproducer.settings)
    return entry.url

"""The HTTP frame: problems, body limits, probes, sessions, conditional requests, idempotency."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from earthcode_common import etags, idempotency
from earthcode_common.app import create_app
from earthcode_common.auth import Who, require
from earthcode_common.db import Reading, Writing
from earthcode_common.service import Service
from earthcode_common.settings import ServiceSettings
from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

LIMIT = 1000
router = APIRouter(prefix="/toy")


@router.post("/notes", status_code=201)
async def write_note(request: Request, session: Writing) -> dict[str, str]:
    await session.execute(sa.text("insert into note values (:t)"), {"t": (await request.json())})
    return {"note": "kept"}


@router.post("/once")
async def write_once(request: Request, session: Writing, who: Who) -> Response:
    body = await request.body()
    if stored := await idempotency.replay(session, request, who.sub, body):
        return stored
    await asyncio.sleep(0.05)
    await session.execute(sa.text("insert into note values (:t)"), {"t": body.decode()})
    count = (await session.execute(sa.text("select count(*) from note"))).scalar_one()
    response = JSONResponse({"count": count}, 201, headers={"Location": "/toy/1"})
    await idempotency.remember(session, request, who.sub, body, response)
    return response


@router.post("/read")
async def read(request: Request) -> int:
    body = b"".join([part async for part in request.stream()])
    return len(body)


@router.get("/guarded")
async def guarded(who: Any = Depends(require("steward"))) -> dict[str, str]:
    return {"sub": who.sub}


@router.put("/thing")
async def put_thing(request: Request) -> dict[str, str]:
    etags.check_match(request, etags.quoted("v2"))
    return {}


@router.get("/number")
async def number(n: int, session: Reading) -> int:
    return int((await session.execute(sa.text("select cast(:n as int)"), {"n": n})).scalar_one())


@router.get("/bug")
async def bug() -> None:
    raise RuntimeError("secret detail")


def toy_app(settings: ServiceSettings) -> Any:
    return create_app(
        name="toy",
        package="earthcode_common",
        prefix="/toy",
        title="Toy",
        description="",
        settings=settings,
        routers=[router],
    )


TOY = Service("toy", "earthcode_common", toy_app)


@pytest.fixture
async def toy(
    make_database: Callable[..., Any], make_settings: Callable[..., Any], serve: Any
) -> AsyncIterator[httpx2.AsyncClient]:
    url = await make_database(TOY)
    settings = make_settings(TOY, database_url=url, max_body_bytes=LIMIT)
    async with (
        serve(toy_app(settings)) as base,
        httpx2.AsyncClient(base_url=base, timeout=60) as client,
    ):
        import asyncpg

        connection = await asyncpg.connect(url)
        # Deferred: the violation shows at commit only, after the route has returned.
        await connection.execute(
            "create table note (t text, unique (t) deferrable initially deferred)"
        )
        await connection.close()
        yield client


async def test_probes(toy: httpx2.AsyncClient) -> None:
    for path in ("/livez", "/readyz", "/metrics", "/toy/api"):
        assert (await toy.get(path)).status_code == 200


async def test_what_can_be_fetched_can_be_asked_about(toy: httpx2.AsyncClient) -> None:
    got, asked = await toy.get("/toy/number?n=7"), await toy.head("/toy/number?n=7")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == got.headers["content-length"]
    assert (await toy.head("/nowhere")).status_code == 404


async def test_a_commit_that_fails_is_never_answered_as_success(toy: httpx2.AsyncClient) -> None:
    assert (await toy.post("/toy/notes", json="a")).status_code == 201
    assert (await toy.post("/toy/notes", json="a")).status_code >= 400


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/nowhere", 404, "not-found"),
        ("/toy/number?n=x", 400, "bad-request"),
        ("/toy/number?n=99999999999999", 400, "bad-request"),
        ("/toy/number?n=%00", 400, "bad-request"),
        ("/toy/guarded", 401, "unauthenticated"),
        ("/toy/bug", 500, "internal-error"),
    ],
)
async def test_every_error_is_a_problem(
    toy: httpx2.AsyncClient, path: str, status: int, slug: str
) -> None:
    answer = await toy.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    body = answer.json()
    assert body["status"] == status
    assert body["code"] == slug
    assert body["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text


async def test_bodies_over_the_limit_are_refused_with_and_without_a_length(
    toy: httpx2.AsyncClient,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    assert (await toy.post("/toy/once", content=b"x" * (LIMIT + 1))).status_code == 413
    assert (await toy.post("/toy/once", content=chunks())).status_code == 413


async def test_a_client_that_leaves_is_no_error_of_ours(toy: httpx2.AsyncClient) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", toy.base_url.port)
    writer.write(b"POST /toy/read HTTP/1.1\r\nHost: toy\r\nContent-Length: 9\r\n\r\nhalf")
    writer.close()
    async with asyncio.timeout(60):
        while not (told := re.findall(r'/toy/read"(.*)} ', (await toy.get("/metrics")).text)):
            pass
    assert 'status="4xx"' in told[0]


async def test_idempotent_twins_do_the_work_once(toy: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    answers = await asyncio.gather(
        *(toy.post("/toy/once", content=b"n", headers=headers) for _ in range(6))
    )
    assert {a.status_code for a in answers} == {201}, answers[0].text
    assert {a.text for a in answers} == {'{"count":1}'}
    assert sum("idempotency-replayed" in a.headers for a in answers) == 5
    other = await toy.post("/toy/once", content=b"other", headers=headers)
    assert other.status_code == 422


async def test_tokens_are_judged_here(toy: httpx2.AsyncClient, identity: Any) -> None:
    async def status(**who: Any) -> int:
        headers = identity.headers(**({"aud": "toy", "sub": "s", "roles": ["steward"]} | who))
        return (await toy.get("/toy/guarded", headers=headers)).status_code

    assert await status() == 200
    assert await status(roles=["contributor"]) == 403
    assert await status(aud="publisher") == 401
    assert await status(exp=1) == 401
    assert await status(iss="somebody") == 401
    for value in ("Bearer x.y.z", "Basic eDp5", "Bearer", "bearer a b"):
        answer = await toy.get("/toy/guarded", headers={"Authorization": value})
        assert answer.status_code == 401
        assert "Bearer" in answer.headers["www-authenticate"]


async def test_changes_need_the_etag_that_was_seen(toy: httpx2.AsyncClient) -> None:
    for header, status in (({}, 428), ({"If-Match": '"v1"'}, 412), ({"If-Match": '"v2"'}, 200)):
        assert (await toy.put("/toy/thing", headers=header)).status_code == status


async def test_browsers_may_read_and_write(toy: httpx2.AsyncClient) -> None:
    preflight = {
        "Origin": "https://browser.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,if-match",
    }
    answer = await toy.options("/toy/thing", headers=preflight)
    assert answer.status_code == 200
    assert "PUT" in answer.headers["access-control-allow-methods"]
    seen = await toy.get("/livez", headers={"Origin": "https://browser.example"})
    assert "ETag" in seen.headers["access-control-expose-headers"]

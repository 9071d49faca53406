"""A publisher and a catalogue by contract, the real local platform, and the reproducer itself."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from fastapi import FastAPI, Request, Response
from reproducer.service import SERVICE

from tests.running import free_port

ROLES = {"roles": ["contributor"]}


@dataclass
class Published:
    """What a publisher and a catalogue hold; answers whose path contains one of ``held`` wait."""

    entities: dict[tuple[str, str], bytes] = field(default_factory=dict)
    attachments: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    items: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    incoming: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def put(self, kind: str, document: dict[str, Any], **attachments: bytes) -> None:
        self.entities[kind, document["id"]] = orjson.dumps(document)
        for name, content in attachments.items():
            self.attachments[kind, document["id"], name] = content

    def submit(self, bundle: dict[str, Any]) -> None:
        for member in bundle["submission"]["members"]:
            self.put(member["kind"], member["document"])
            for file in member["attachments"]:
                content = file["content"].encode()
                content = b64decode(content) if file["encoding"] == "base64" else content
                key = member["kind"], member["document"]["id"], file["name"]
                self.attachments[key] = content
        self.items |= bundle["items"]


def published_app(published: Published) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def while_held(request: Request, call_next: Any) -> Any:
        published.asked.append(request.url.path)
        while any(part in request.url.path for part in published.held):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return await call_next(request)

    @app.get("/publish/entities/{kind}/{key}")
    async def entity(kind: str, key: str) -> Response:
        found = published.entities.get((kind, key))
        if found is None:
            return Response(status_code=404)
        etag = hashlib.sha256(found).hexdigest()
        return Response(found, headers={"ETag": f'"1220{etag}"'}, media_type="application/json")

    @app.get("/publish/entities/{kind}/{key}/attachments/{name}")
    async def attachment(kind: str, key: str, name: str) -> Response:
        found = published.attachments.get((kind, key, name))
        return Response(status_code=404) if found is None else Response(found)

    @app.get("/publish/graph/{kind}/{key}")
    async def graph(kind: str, key: str) -> Any:
        here = {"kind": kind, "id": key}
        edges = [{"from": e, "rel": "x", "to": here} for e in published.incoming.get(key, [])]
        return {"nodes": [], "edges": edges, "truncated": False}

    @app.get("/stac/collections/{key}/items")
    async def items(key: str) -> Any:
        if key not in published.items:
            return Response(status_code=404)
        return {"type": "FeatureCollection", "features": published.items[key], "links": []}

    return app


@pytest.fixture
async def published(serve: Any) -> AsyncIterator[Published]:
    """Serves what tests put in; ``published.url`` is its address."""
    holds = Published()
    async with serve(published_app(holds)) as url:
        holds.url = url  # type: ignore[attr-defined]
        yield holds


@dataclass
class LocalPlatform:
    url: str
    process: subprocess.Popen[bytes]

    def jobs(self) -> list[dict[str, Any]]:
        answer = httpx2.get(f"{self.url}/jobs?limit=500", timeout=60)
        found: list[dict[str, Any]] = answer.json()["jobs"]
        return found

    def execute(self, process: str, inputs: dict[str, Any], output: str) -> bytes:
        """Run at once and return one output's bytes."""
        asked = {output: {"transmissionMode": "value"}}
        answer = httpx2.post(
            f"{self.url}/processes/{process}/execution",
            json={"inputs": inputs, "outputs": asked, "response": "raw"},
            timeout=120,
        )
        assert answer.status_code == 200, answer.text
        return bytes(answer.content)


@pytest.fixture(scope="session")
def local_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    """The real thing: pygeoapi with the project's job manager."""
    folder, port = tmp_path_factory.mktemp("platform"), free_port()
    arguments = ["--port", str(port), "--data-dir", str(folder / "data"), "--parallel-jobs", "2"]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "earthcode_processes", *arguments],
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _until_answering(f"{url}/processes?f=json", process, folder / "log")
        yield LocalPlatform(url, process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
        log.close()


def _until_answering(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx2.get(url).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    pytest.fail(f"the platform does not answer: {log.read_text()}")


@dataclass
class Reproducer:
    """The service on a real port, and what its worker needs to be started."""

    url: str
    client: httpx2.AsyncClient
    settings: Any
    as_: Callable[..., dict[str, str]]

    async def start(self, experiment: str, **more: Any) -> str:
        answer = await self.client.post(
            "/reproduce/runs", json={"experiment": experiment, **more}, headers=self.as_(**ROLES)
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def run(self, key: str) -> dict[str, Any]:
        answer = await self.client.get(f"/reproduce/runs/{key}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def until(self, key: str, *states: str, within: float = 120) -> dict[str, Any]:
        """The run as soon as it is in one of these states."""
        deadline = time.monotonic() + within
        while True:
            run = await self.run(key)
            if run["state"] in states:
                return run
            assert run["ended"] is None, (run["state"], run["reason"])
            assert time.monotonic() < deadline, (run["state"], run["message"])
            await asyncio.sleep(0.1)


TERMINAL = ("done", "failed", "cancelled", "lost")


@pytest.fixture
async def make_reproducer(
    make_database: Any,
    make_settings: Any,
    serve: Any,
    nats: str,
    published: Published,
    identity: Any,
    tmp_path: Path,
) -> AsyncIterator[Callable[..., Any]]:
    """``await make_reproducer([platform entries], **settings)``."""
    async with AsyncExitStack() as stack:

        async def make(platforms: list[dict[str, Any]], **values: Any) -> Reproducer:
            file = tmp_path / "platforms.json"
            file.write_text(json.dumps(platforms))
            url = published.url  # type: ignore[attr-defined]
            addresses = dict.fromkeys(("public_url", "publisher_url", "catalog_url"), url)
            given = addresses | {"results_dir": tmp_path / "results"} | values
            settings = make_settings(
                SERVICE,
                database_url=await make_database(SERVICE),
                nats_url=nats,
                platforms_file=file,
                **given,
            )
            here = await stack.enter_async_context(serve(SERVICE.create_app(settings)))
            client = httpx2.AsyncClient(base_url=here, timeout=60)
            await stack.enter_async_context(client)
            headers = lambda **who: identity.headers("reproducer", **who)  # noqa: E731
            return Reproducer(here, client, settings, headers)

        yield make

"""An OGC API Processes server with the habits of many: scripted, on a real port, for tests."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

CSV = b"a,b\n1,2.5\n"


@dataclass
class Quirks:
    """``accept``: what happens to the POST. The job is made unless it says otherwise."""

    accept: str = "201"  # 201 | 504 | hang | sync | 429 | 500-no-job | 400 | no-location | 503-late
    location: str = "absolute"  # absolute | relative | none
    body: str = "null"  # null | jobID | id | links | empty
    marker_input: bool = True
    echo: bool = True
    listing: str = "marker"  # marker | plain | none | strict
    results: str = "value"  # value | wrapped | reference | raw | multipart
    words: tuple[str, ...] = ("accepted", "running", "successful")
    not_ready: int = 0
    status_404: int = 0
    dismiss: str = "200"  # 200 | 410 | 500
    hold: dict[str, asyncio.Event] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)  # of those that are held
    outputs: bytes = CSV
    posts: int = 0
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    dismissed: list[str] = field(default_factory=list)


async def held(quirks: Quirks, what: str) -> None:
    """Wait here while the test wants it."""
    if what in quirks.hold:
        quirks.reached.add(what)
        await quirks.hold[what].wait()


def quirky_app(quirks: Quirks) -> FastAPI:
    app = FastAPI()

    @app.get("/processes/{process}")
    async def describe(process: str) -> Any:
        if process != "table":
            return JSONResponse({"type": "no-such-process", "detail": "unknown"}, 404)
        await held(quirks, "describe")
        inputs: dict[str, Any] = {"year": {"schema": {"type": "integer"}}}
        if quirks.marker_input:
            inputs["marker"] = {"schema": {"type": "string"}}
        modes = ["value", "reference"] if quirks.results == "reference" else ["value"]
        outputs = {"table": {"schema": {"type": "string"}}}
        described = {"id": process, "inputs": inputs, "outputs": outputs}
        return described | {"outputTransmission": modes}

    @app.post("/processes/{process}/execution")
    async def execute(process: str, request: Request) -> Response:
        body = await request.json()
        assert request.headers["prefer"] == "respond-async"
        quirks.posts += 1
        if quirks.accept == "400":
            return JSONResponse({"detail": "year: is not a year"}, 400)
        if quirks.accept == "500-no-job":
            return Response(status_code=500)
        if quirks.accept == "429" and quirks.posts == 1:
            return Response(status_code=429, headers={"Retry-After": "1"})
        if quirks.accept == "sync":
            return results_response(quirks, base_of(request), "0")
        if quirks.accept == "503-late":
            asyncio.get_running_loop().call_later(1.5, make_job, quirks, process, body["inputs"])
            return Response(status_code=503)
        key = make_job(quirks, process, body["inputs"])
        await held(quirks, "post")
        if quirks.accept == "504":
            return Response(status_code=504)
        if quirks.accept == "hang":
            await asyncio.sleep(30)
        return accepted(quirks, base_of(request), key)

    @app.get("/jobs")
    async def list_jobs(request: Request) -> Any:
        if quirks.listing == "none":
            return Response(status_code=404)
        if quirks.listing == "strict" and request.query_params:
            return Response(status_code=400)
        wanted = request.query_params.get("marker") if quirks.listing == "marker" else None
        found = [shown(quirks, job) for job in quirks.jobs.values()]
        if wanted:
            found = [j for j in found if j.get("parameters", {}).get("marker") == wanted]
        return {"jobs": found}

    @app.get("/jobs/{key}")
    async def status(key: str) -> Any:
        if quirks.status_404 > 0:
            quirks.status_404 -= 1
            return Response(status_code=404)
        job = quirks.jobs.get(key)
        if job is None:
            return JSONResponse({"type": "no-such-job"}, 404)
        await held(quirks, "status")
        job["step"] = min(job["step"] + 1, len(quirks.words) - 1)
        waits = "run" in quirks.hold and not quirks.hold["run"].is_set()
        quirks.reached |= {"run"} if waits else set()
        word = "accepted" if waits else None
        return {"jobID": key, "type": "process", "status": word or quirks.words[job["step"]]}

    @app.delete("/jobs/{key}")
    async def dismiss(key: str) -> Any:
        quirks.dismissed.append(key)
        if quirks.dismiss == "200":
            return {"jobID": key, "type": "process", "status": "dismissed"}
        return Response(status_code=int(quirks.dismiss))

    @app.get("/jobs/{key}/results")
    async def results(key: str, request: Request) -> Response:
        await held(quirks, "results")
        if quirks.not_ready > 0:
            quirks.not_ready -= 1
            kind = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/result-not-ready"
            return JSONResponse({"type": kind}, 404)
        return results_response(quirks, base_of(request), key)

    @app.get("/files/{key}")
    async def file(key: str) -> Response:
        return Response(quirks.outputs, media_type="text/csv")

    return app


def base_of(request: Request) -> str:
    """With the place it is mounted at, which ``base_url`` leaves out."""
    return re.split(r"/(?:processes|jobs)/", str(request.url))[0] + "/"


def make_job(quirks: Quirks, process: str, inputs: dict[str, Any]) -> str:
    key = f"job-{len(quirks.jobs) + 1}"
    created = datetime.now(UTC).isoformat()
    quirks.jobs[key] = {
        "jobID": key,
        "processID": process,
        "created": created,
        "inputs": inputs,
        "step": -1,
    }
    return key


def shown(quirks: Quirks, job: dict[str, Any]) -> dict[str, Any]:
    listed = {name: job[name] for name in ("jobID", "processID", "created")}
    echoed = {"parameters": job["inputs"]} if quirks.echo else {}
    return listed | echoed | {"status": quirks.words[max(job["step"], 0)], "type": "process"}


def accepted(quirks: Quirks, base: str, key: str) -> Response:
    bodies: dict[str, Any] = {
        "null": None,
        "empty": {},
        "jobID": {"jobID": key, "status": "accepted"},
        "id": {"id": key, "status": "accepted"},
        "links": {"links": [{"rel": "monitor", "href": f"../../jobs/{key}"}]},
    }
    locations = {"absolute": f"{base}jobs/{key}", "relative": f"../../jobs/{key}"}
    headers = {"Location": locations[quirks.location]} if quirks.location in locations else {}
    return JSONResponse(bodies[quirks.body], 201, headers=headers)


def results_response(quirks: Quirks, base: str, key: str) -> Response:
    text = quirks.outputs.decode()
    if quirks.results == "raw":
        return Response(quirks.outputs, media_type="text/csv")
    if quirks.results == "multipart":
        return Response(b"--x", media_type="multipart/related; boundary=x")
    if quirks.results == "wrapped":
        return JSONResponse({"outputs": [{"id": "table", "value": text, "mediaType": "text/csv"}]})
    if quirks.results == "reference":
        return JSONResponse({"table": {"href": f"{base}files/{key}", "type": "text/csv"}})
    return JSONResponse({"table": {"value": text, "mediaType": "text/csv"}})


def publish_table_experiment(published: Any, platform: str, content: bytes = CSV) -> str:
    """The smallest experiment of our profile, on that server; returns its id."""
    record = {"type": "Feature", "geometry": None, "time": None}
    process = {"rel": "process", "href": f"{platform}/processes/table"}
    workflow = record | {"id": "table-workflow", "properties": {}, "links": [process]}
    published.put("workflow", workflow)
    experiment = record | {
        "id": "table.experiment",
        "properties": {"title": "Table", "osc:workflow": "table-workflow"},
        "links": [{"rel": "input", "href": "./input.yaml"}],
    }
    published.put("experiment", experiment, **{"input.yaml": b"parameters: {year: 2020}\n"})
    asset = {"href": "./table.csv", "roles": ["data"], "type": "text/csv"}
    product = {"type": "Collection", "id": "table.product", "assets": {"table": asset}}
    published.put("product", product, **{"table.csv": content})
    published.incoming["table.experiment"] = [{"kind": "product", "id": "table.product"}]
    return "table.experiment"

"""What a run left: results, the comparison, the provenance."""

from typing import Any

from earthcode_common.db import Reading
from earthcode_common.etags import not_modified, quoted
from earthcode_common.ogc.links import link
from earthcode_common.problems import Gone, NotFound
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from reproducer import representations
from reproducer.domain.crate import crate_document
from reproducer.routes.dependencies import RunId, Settings
from reproducer.settings import ReproducerSettings
from reproducer.store import files, runs

router = APIRouter(tags=["Results"])
# The bytes come from a platform: no browser shall take them for a page of ours.
GUARDED = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
KEEP = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/reproduce/runs/{run_id}/results", summary="The files that the run gave")
async def list_results(key: RunId, session: Reading, settings: Settings) -> dict[str, Any]:
    row = await _run(session, key)
    rows = await runs.outputs_of(session, key)
    here = f"{representations.run_href(row, settings.public_url)}/results"
    outputs = [representations.output_document(output, settings.public_url) for output in rows]
    return {"run": str(key), "outputs": outputs, "links": [link("self", here)]}


@router.head("/reproduce/runs/{run_id}/results/{name:path}", include_in_schema=False)
@router.get(
    "/reproduce/runs/{run_id}/results/{name:path}",
    response_class=FileResponse,
    summary="One file (ranges are served)",
)
async def get_result(
    key: RunId, name: str, request: Request, session: Reading, settings: Settings
) -> Response:
    await _run(session, key)
    rows = await runs.outputs_of(session, key)
    found = next((row for row in rows if row.name == name), None)
    if found is None:
        raise NotFound(f"The run gave no output {name}")
    response = _file(request, settings, found.multihash, found.media_type)
    response.headers["Content-Disposition"] = "attachment"
    return response


@router.get("/reproduce/runs/{run_id}/report", summary="The comparison with what is published")
async def get_report(key: RunId, session: Reading, settings: Settings) -> dict[str, Any]:
    row = await _run(session, key)
    if row.state != "done":
        raise NotFound(f"The run has no report: it is {row.state}")
    compared = await runs.comparisons_of(session, key)
    return representations.report_document(row, settings.public_url, compared)


@router.get(
    "/reproduce/runs/{run_id}/report/{name:path}.png",
    response_class=FileResponse,
    summary="Published, produced, and their difference, side by side",
)
async def get_picture(
    key: RunId, name: str, request: Request, session: Reading, settings: Settings
) -> Response:
    await _run(session, key)
    rows = await runs.comparisons_of(session, key)
    picture = next((row.picture for row in rows if row.name == name), None)
    if picture is None:
        raise NotFound(f"There is no picture of {name}")
    return _file(request, settings, picture, "image/png")


@router.get("/reproduce/runs/{run_id}/crate", summary="The provenance, as RO-Crate metadata")
async def get_crate(key: RunId, session: Reading, settings: Settings) -> Response:
    row = await _run(session, key)
    outputs = await runs.outputs_of(session, key)
    document = crate_document(row, outputs, settings.public_url)
    return JSONResponse(document, media_type=representations.JSON_LD)


async def _run(session: Reading, key: RunId) -> Any:
    row = await runs.find_run(session, key)
    if row is None:
        raise NotFound(f"There is no run {key}")
    return row


def _file(
    request: Request, settings: ReproducerSettings, multihash: str, media_type: str
) -> Response:
    etag = quoted(multihash)
    if unchanged := not_modified(request, etag):
        return unchanged
    path = files.path_of(settings.results_dir, multihash)
    if not path.is_file():
        raise Gone("The file is no longer kept")
    return FileResponse(path, headers=GUARDED | KEEP | {"ETag": etag}, media_type=media_type)

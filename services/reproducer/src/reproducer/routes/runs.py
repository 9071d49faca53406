from typing import Annotated, Any
from uuid import UUID

from earthcode_common.auth import Principal, Who, require
from earthcode_common.db import Reading, Writing
from earthcode_common.idempotency import remember, replay
from earthcode_common.problems import NotFound, Problem, Unauthenticated, Unprocessable
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from reproducer import representations
from reproducer.operations.runs import Planned, cancel_run, start_run
from reproducer.routes.dependencies import Docs, RunId, Settings
from reproducer.routes.paging import Pager
from reproducer.routes.plans import plan_on
from reproducer.schemas import RunFilters, RunRequest
from reproducer.settings import ReproducerSettings
from reproducer.store import runs

router = APIRouter(tags=["Runs"])
Entitled = Annotated[
    Principal, Depends(require("contributor", "platform", "steward", "technical-officer"))
]
SHOWN = ("experiment", "platform", "state", "verdict")
NO_STORE = {"Cache-Control": "no-store"}


async def _plan_of(request: Request, documents: Docs, asked: RunRequest, who: Entitled) -> Planned:
    """Before the transaction opens; what went wrong is told after the idempotency key is known."""
    db = request.app.state.runtime.db
    try:
        plan = await plan_on(db, documents, asked.experiment, asked.platform)
    except NotFound as error:
        return Planned(asked, problem=Unprocessable(error.detail, pointer="/experiment"))
    except Problem as error:
        return Planned(asked, problem=error)
    return Planned(asked, plan)


@router.post("/reproduce/runs", status_code=201, summary="Run an experiment again")
async def create_run(
    request: Request,
    who: Entitled,
    planned: Annotated[Planned, Depends(_plan_of)],
    session: Writing,
    settings: Settings,
) -> Response:
    """Roles: contributor, platform, steward, technical officer. Honours ``Idempotency-Key``."""
    body = await request.body()
    if earlier := await replay(session, request, who.sub, body):
        return earlier
    public, most = settings.public_url, settings.active_runs_per_person
    row = await start_run(session, who, planned, public=public, most=most)
    response = await _created(session, row, settings, who)
    await remember(session, request, who.sub, body, response)
    return response


async def _created(
    session: Reading, row: Any, settings: ReproducerSettings, who: Principal
) -> Response:
    document = await _document(session, row, settings, who)
    location = {"Location": representations.run_href(row, settings.public_url)}
    return JSONResponse(jsonable_encoder(document), 201, headers=location)


@router.get("/reproduce/runs", summary="Runs, newest first")
async def list_runs(
    asked: Annotated[RunFilters, Query()], session: Reading, settings: Settings, who: Who
) -> dict[str, Any]:
    filters = _filters(asked, who)
    pager = Pager(settings, "runs", asked, filters)
    rows = await runs.page_of_runs(session, filters, pager.after(UUID), asked.limit)
    page, following = pager.page(rows)
    shown = [representations.run_summary(row, settings.public_url, who) for row in page]
    return {"runs": shown, "links": pager.links(following)}


def _filters(asked: RunFilters, who: Principal) -> dict[str, Any]:
    filters = {k: v for k in SHOWN if (v := getattr(asked, k)) is not None}
    if not asked.mine:
        return filters
    if who.anonymous:
        raise Unauthenticated("Log in first: nobody knows which runs are yours")
    return filters | {"owner": who.sub}


@router.get("/reproduce/runs/{run_id}", summary="A run: its state, its way, its verdict")
async def get_run(
    key: RunId, session: Reading, settings: Settings, who: Who, response: Response
) -> dict[str, Any]:
    response.headers.update(NO_STORE)
    row = await runs.find_run(session, key)
    if row is None:
        raise NotFound(f"There is no run {key}")
    return await _document(session, row, settings, who)


async def _document(
    session: Reading, row: Any, settings: ReproducerSettings, who: Principal
) -> dict[str, Any]:
    events = await runs.transitions(session, row.id)
    outputs = await runs.outputs_of(session, row.id)
    return representations.run_document(row, settings.public_url, who, events, outputs)


@router.post("/reproduce/runs/{run_id}/actions/cancel", status_code=202, summary="Cancel a run")
@router.delete("/reproduce/runs/{run_id}", status_code=202, summary="Cancel a run")
async def cancel(key: RunId, session: Writing, settings: Settings, who: Who) -> dict[str, Any]:
    """By who started it, or an operator. It stays, as ``cancelled``, once its job is stopped."""
    if who.anonymous:
        raise Unauthenticated("Log in first: only who started a run can cancel it")
    row = await cancel_run(session, who, key)
    return await _document(session, row, settings, who)

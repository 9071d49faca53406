from typing import Any

from earthcode_common.db import Database
from fastapi import APIRouter, Query, Request

from reproducer.clients.documents import Documents
from reproducer.domain.addresses import outside
from reproducer.domain.plan import Plan, Platform
from reproducer.domain.plan.representation import plan_document
from reproducer.operations.planning import plan_experiment
from reproducer.routes.dependencies import Docs, Settings
from reproducer.store.platforms import offered_platforms

router = APIRouter(tags=["Plans"])


@router.get(
    "/reproduce/experiments/{experiment_id}/plan",
    summary="How the experiment would be run, or why it cannot be",
)
async def get_plan(
    experiment_id: str,
    request: Request,
    documents: Docs,
    settings: Settings,
    platform: str | None = Query(None, max_length=64, description="Plan for this platform"),
) -> dict[str, Any]:
    db = request.app.state.runtime.db
    plan = await plan_on(db, documents, experiment_id, platform)
    return plan_document(plan, lambda output: outside(output.href, settings.public_url))


async def plan_on(
    db: Database, documents: Documents, experiment: str, platform: str | None
) -> Plan:
    """No session is open while the documents are fetched."""
    async with db.read() as session:
        rows = await offered_platforms(session)
    known = [Platform(row.id, row.title, row.kind, row.url) for row in rows]
    return await plan_experiment(documents, experiment, known, platform)

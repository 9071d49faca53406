"""Starting a run, and asking for its end."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from earthcode_common.auth import Principal
from earthcode_common.db import WriteSession
from earthcode_common.ids import uuid7
from earthcode_common.problems import (
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    TooManyRequests,
    Unprocessable,
)

from reproducer.domain.addresses import outside
from reproducer.domain.plan import Plan
from reproducer.domain.plan.inputs import changed
from reproducer.domain.plan.representation import reason_document, snapshot
from reproducer.domain.states import TERMINAL
from reproducer.schemas import RunRequest
from reproducer.store import leases, runs


@dataclass(frozen=True)
class Planned:
    """What was asked for, and what came of planning it: a plan, or why there is none."""

    asked: RunRequest
    plan: Plan | None = None
    problem: Problem | None = None


async def start_run(
    session: WriteSession, who: Principal, planned: Planned, *, public: str, most: int
) -> sa.Row[Any]:
    """Raises Unprocessable (cannot be run, with the reasons) or TooManyRequests."""
    plan = _runnable(planned)
    await runs.lock_owner(session, who.sub)
    if await runs.count_active(session, who.sub) >= most:
        detail = f"{most} of your runs have not ended yet; wait for one, or cancel one"
        raise TooManyRequests(detail, headers={"Retry-After": "30"})
    assert plan.platform
    assert plan.backend
    parameters = changed(planned.asked.parameters, plan.inputs or {})
    values = {
        "id": uuid7(),
        "experiment": plan.experiment,
        "title": plan.title,
        "platform": plan.platform.id,
        "process": plan.backend.process,
        "owner": who.sub,
        "owner_name": who.name,
        "parameters": parameters,
        "plan": snapshot(plan, parameters, lambda output: outside(output.href, public)),
    }
    return await runs.add_run(session, values)


def _runnable(planned: Planned) -> Plan:
    if planned.problem:
        raise planned.problem
    plan = planned.plan
    assert plan
    if plan.executable:
        return plan
    reasons = [reason_document(reason) for reason in plan.reasons]
    errors = [{"detail": r["message"], "hint": r["hint"]} for r in reasons]
    detail = f"The experiment {plan.experiment} cannot be run: {plan.reasons[0].message}"
    raise Unprocessable(detail, errors=errors, reasons=reasons)


async def cancel_run(session: WriteSession, who: Principal, key: UUID) -> sa.Row[Any]:
    """At once while nothing was sent, else by the worker, which knows the job. Asking twice is
    asking once. Raises NotFound, Forbidden or Conflict (it has ended)."""
    row = await runs.lock_run(session, key)
    if row is None:
        raise NotFound(f"There is no run {key}")
    if who.sub != row.owner and not who.has("operator"):
        raise Forbidden("Only who started a run, or an operator, can cancel it")
    if row.state in TERMINAL:
        raise Conflict(f"The run has ended: it is {row.state}")
    if row.state == "planned":
        await _end_unsent(session, row)
    elif row.cancel_asked is None:
        await runs.ask_to_cancel(session, key)
    changed = await runs.find_run(session, key)
    assert changed is not None
    return changed


async def _end_unsent(session: WriteSession, row: sa.Row[Any]) -> None:
    reason = "cancelled before anything was sent to the platform"
    await runs.append_event(session, row.id, "transition", "cancelled", message=reason)
    ended = {"state": "cancelled", "ended": sa.func.now(), "cancel_asked": sa.func.now()}
    await leases.update_run(session, row.id, ended | {"reason": reason, "message": reason})

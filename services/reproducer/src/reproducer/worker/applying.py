"""Writing down what a step decided, under its lease, in one transaction."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import sqlalchemy as sa
from earthcode_common import telemetry
from earthcode_common.db import WriteSession
from prometheus_client import Counter

from reproducer.domain.decision import Decision
from reproducer.domain.redaction import redacted
from reproducer.domain.states import TERMINAL, State, check_move
from reproducer.store import leases, runs
from reproducer.worker.work import Taken, Work

RUNS_ENDED = Counter("earthcode_runs_ended_total", "Runs that ended", ["state", "verdict"])
Also = Callable[[WriteSession], Awaitable[None]]


async def apply(
    work: Work,
    taken: Taken,
    decision: Decision,
    *,
    values: Mapping[str, Any] | None = None,
    also: Also | None = None,
    keep_lease: bool = False,
) -> None:
    """Raises LeaseLost, and changes nothing, when the run is no longer ours.

    ``values`` are more columns of the run, ``also`` more writes of the same transaction.
    """
    async with work.runtime.db.write() as session:
        row = await leases.guard(session, taken.row.id, taken.row.lease_token)
        await _append(session, row, decision)
        changed = _changed(row, decision) | dict(values or {})
        if not keep_lease:
            changed |= {"lease_owner": None, "lease_expires": None}
        await leases.update_run(session, row.id, changed)
        if also:
            await also(session)
    _tell(row, changed)


async def _append(session: WriteSession, row: sa.Row[Any], decision: Decision) -> None:
    state: State = row.state
    for move in decision.moves:
        check_move(state, move.state)
        state = move.state
        await runs.append_event(session, row.id, "transition", state, message=move.message)
    progress = decision.progress if decision.progress is not None else row.progress
    news = decision.message is not None and decision.message != row.message
    if not decision.moves and (news or progress != row.progress):
        await runs.append_event(
            session, row.id, "progress", state, progress=progress, message=decision.message
        )


def _changed(row: sa.Row[Any], decision: Decision) -> dict[str, Any]:
    state = decision.moves[-1].state if decision.moves else row.state
    pause = sa.func.make_interval(0, 0, 0, 0, 0, 0, decision.wake_in)
    changed: dict[str, Any] = {"state": state, "wake": sa.func.now() + pause}
    changed |= _trouble(row, decision)
    if decision.message or decision.moves:
        changed["message"] = decision.message
    if decision.progress is not None:
        changed["progress"] = decision.progress
    if decision.job:
        changed |= {"job_id": decision.job.id, "job_url": decision.job.url}
    return changed | _ending(row, decision) if state in TERMINAL else changed


def _trouble(row: sa.Row[Any], decision: Decision) -> dict[str, Any]:
    if not decision.trouble:
        return {"tries": 0, "trouble_since": None}
    since = row.trouble_since or sa.func.now()
    return {"tries": row.tries + 1, "trouble_since": since}


def _ending(row: sa.Row[Any], decision: Decision) -> dict[str, Any]:
    """What was needed to run is not needed any more: secrets go."""
    return {
        "ended": sa.func.now(),
        "reason": decision.reason,
        "plan": redacted(row.plan),
        "parameters": redacted(row.parameters),
    }


def _tell(row: sa.Row[Any], changed: Mapping[str, Any]) -> None:
    if changed["state"] == row.state:
        return
    facts = {"run": str(row.id), "from": row.state, "to": changed["state"]}
    telemetry.log.info("run", extra=facts)
    if changed["state"] in TERMINAL:
        RUNS_ENDED.labels(changed["state"], changed.get("verdict") or "").inc()

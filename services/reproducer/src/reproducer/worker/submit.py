"""planned and submitting: the intent, the one POST, and looking for what became of it."""

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from earthcode_common.db import WriteSession
from sqlalchemy.exc import IntegrityError

from reproducer.clients import processes
from reproducer.domain import submitting
from reproducer.domain.answers import Accepted, Description, PostAnswer, Results, Trouble
from reproducer.domain.decision import Decision, Move, Situation
from reproducer.store import files, verdicts
from reproducer.worker.applying import apply
from reproducer.worker.collect import keep_outputs
from reproducer.worker.work import Taken, Work


async def begin(work: Work, taken: Taken) -> None:
    """planned: ask what the process takes, write the intent, post."""
    row = taken.row
    known = await processes.describe(work.server(taken.platform), row.process)
    decision = submitting.after_describe(taken.situation, known)
    if decision or not isinstance(known, Description):
        assert decision is not None
        return await apply(work, taken, decision)
    marker = submitting.marker_of(str(row.id))
    inputs = submitting.marked_inputs(row.plan["inputs"], known, marker)
    marked = submitting.is_marked(inputs, marker)
    await apply(
        work,
        taken,
        Decision(moves=(Move("submitting"),)),
        values={"posted": sa.func.clock_timestamp(), "marked": marked},
        keep_lease=True,
    )
    return await _post(work, taken, inputs, known, taken.posting(marked))


async def _post(
    work: Work, taken: Taken, inputs: dict[str, Any], known: Description, now: Situation
) -> None:
    with files.workspace(work.settings.results_dir) as folder:
        answer = await processes.execute(
            work.server(taken.platform), taken.row.process, inputs, known, folder
        )
        await _after_post(work, taken, now, answer, folder)


async def _after_post(
    work: Work, taken: Taken, now: Situation, answer: PostAnswer, folder: Path
) -> None:
    decision = submitting.after_post(now, answer)
    if not isinstance(answer, Results):
        return await _apply_job(work, taken, decision, answer)
    rows = await asyncio.to_thread(keep_outputs, work.settings.results_dir, answer.outputs)

    async def also(session: WriteSession) -> None:
        await verdicts.add_outputs(session, taken.row.id, rows)

    return await apply(work, taken, decision, also=also)


async def _apply_job(work: Work, taken: Taken, decision: Decision, answer: PostAnswer) -> None:
    try:
        await apply(work, taken, decision)
    except IntegrityError:
        # The platform named a job that another run has: whose it is, nobody knows.
        assert isinstance(answer, Accepted)
        detail = f"the platform named job {answer.job.id}, which another run has"
        await apply(work, taken, Decision(wake_in=5, trouble=True, message=detail))


async def reconcile(work: Work, taken: Taken) -> None:
    """submitting, found without its job: search, never post."""
    row, server = taken.row, work.server(taken.platform)
    marker = submitting.marker_of(str(row.id))
    since = row.posted - submitting.CLOCK_SKEW
    answer = await processes.search(server, row.process, marker if row.marked else None, since)
    sought = await _sought(work, taken, marker, answer)
    decision = submitting.after_search(taken.situation, sought, answer)
    try:
        await apply(work, taken, decision)
    except IntegrityError:
        await apply(work, taken, Decision(wake_in=2, trouble=True, message="taken by another run"))


async def _sought(work: Work, taken: Taken, marker: str, answer: Any) -> submitting.Sought:
    row = taken.row
    jobs = [] if isinstance(answer, Trouble) else [entry.job.id for entry in answer]
    async with work.runtime.db.read() as session:
        others = await verdicts.jobs_of_others(session, row.id, row.platform, jobs)
        rivals = await verdicts.has_rivals(session, row.id, row.platform, row.process)
    inputs = dict(row.plan["inputs"])
    if row.marked:
        inputs[submitting.MARKER_INPUT] = marker
    return submitting.Sought(row.process, inputs, marker, row.posted, others, rivals)

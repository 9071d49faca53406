"""collecting: every output to our own storage, because a platform's links expire."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from earthcode_common.db import WriteSession

from reproducer.clients import processes
from reproducer.clients.collecting import fetch_results
from reproducer.clients.dialects import clean
from reproducer.domain import following
from reproducer.domain.answers import Denied, Description, Job, Produced, Results, Trouble
from reproducer.store import files, verdicts
from reproducer.worker.applying import apply
from reproducer.worker.work import Taken, Work


async def collect(work: Work, taken: Taken) -> None:
    if taken.row.cancel_asked:
        return await apply(work, taken, following.cancelled_before("collecting"))
    server = work.server(taken.platform)
    known = await processes.describe(server, taken.row.process)
    if isinstance(known, Trouble):
        return await apply(work, taken, following.after_results(taken.situation, known))
    if isinstance(known, Denied):
        trouble = Trouble(known.detail)
        return await apply(work, taken, following.after_results(taken.situation, trouble))
    declared = known if isinstance(known, Description) else Description()
    with files.workspace(work.settings.results_dir) as folder:
        return await _fetch(work, taken, declared, folder)


async def _fetch(work: Work, taken: Taken, known: Description, folder: Path) -> None:
    job = Job(taken.row.job_id, taken.row.job_url)
    answer = await fetch_results(work.server(taken.platform), job, known, folder)
    found = answer.outputs if isinstance(answer, Results) else ()
    rows = await asyncio.to_thread(keep_outputs, work.settings.results_dir, found)

    async def also(session: WriteSession) -> None:
        await verdicts.add_outputs(session, taken.row.id, rows)

    await apply(work, taken, following.after_results(taken.situation, answer), also=also)


def keep_outputs(root: Path, outputs: Sequence[Produced]) -> list[dict[str, Any]]:
    """Rows of the outputs, their files in place; a name that comes twice gets a number."""
    rows: dict[str, dict[str, Any]] = {}
    for output in outputs:
        name = _unused((clean(output.name) or "result")[:200], rows)
        stored = files.keep(root, output.path)
        media_type = clean(output.media_type) or "application/octet-stream"
        rows[name] = {
            "name": name,
            "media_type": media_type[:200],
            "size": stored.size,
            "multihash": stored.multihash,
        }
    return list(rows.values())


def _unused(name: str, taken: dict[str, Any]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}.{number}"
    return found

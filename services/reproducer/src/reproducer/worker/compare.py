"""comparing: the published files beside the produced ones, and the verdict."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from earthcode_common import outbox
from earthcode_common.contracts import REPRODUCTION_PUBLISHED
from earthcode_common.db import WriteSession

from reproducer.clients.comparison import compare_apart
from reproducer.clients.downloads import Unavailable, Unobtainable, download
from reproducer.domain import following
from reproducer.domain.decision import Decision, Move, try_again
from reproducer.domain.pairing import pair_outputs
from reproducer.domain.record import announcement, record_document, record_text, reproduces
from reproducer.domain.report import Beside, output_report
from reproducer.domain.states import Verdict, worst
from reproducer.store import files, runs, verdicts
from reproducer.worker.applying import apply
from reproducer.worker.work import Taken, Work

FETCH_TRIES = 5
Rows = Mapping[str, Any]


async def compare(work: Work, taken: Taken) -> None:
    if taken.row.cancel_asked:
        return await apply(work, taken, following.cancelled_before("comparing"))
    async with work.runtime.db.read() as session:
        produced = {row.name: row for row in await runs.outputs_of(session, taken.row.id)}
    expected = taken.row.plan["outputs"]
    pairs = pair_outputs(expected, {name: row.media_type for name, row in produced.items()})
    compared = []
    try:
        for entry in expected:
            found = produced.get(pairs[entry["name"]] or "")
            compared.append(await _compare(work, taken, entry, found))
    except Unavailable as error:
        return await apply(work, taken, try_again(taken.situation, str(error)))
    return await _finish(work, taken, compared, list(produced.values()))


async def _compare(work: Work, taken: Taken, entry: Rows, found: Any) -> dict[str, Any]:
    with files.workspace(work.settings.results_dir) as folder:
        return await _beside(work, taken, entry, found, folder)


async def _beside(
    work: Work, taken: Taken, entry: Rows, found: Any, folder: Path
) -> dict[str, Any]:
    beside = await _published(work, taken, entry, folder)
    if isinstance(beside, str):
        return _row(entry, output_report(entry, found, None, _not_comparable(beside)), None)
    if found is None:
        why = "the platform gave no output of this name"
        return _row(entry, output_report(entry, None, beside, _not_comparable(why)), None)
    picture = folder / "difference.png"
    outcome = await compare_apart(
        folder / "published",
        files.path_of(work.settings.results_dir, found.multihash),
        options=taken.row.plan["comparison"],
        media_type=entry.get("media_type") or found.media_type,
        picture=picture,
        seconds=work.settings.compare_seconds,
    )
    drawn = await asyncio.to_thread(_keep_picture, work, picture)
    return _row(entry, output_report(entry, found, beside, outcome), drawn)


async def _published(work: Work, taken: Taken, entry: Rows, folder: Path) -> Beside | str:
    """What was published, or why it cannot be had."""
    url = work.documents.inside(entry["href"])
    limit = work.settings.max_output_bytes
    try:
        return await download(work.runtime.http, url, folder / "published", limit)
    except Unobtainable as error:
        return f"as published, {error}"
    except Unavailable as error:
        if taken.row.tries >= FETCH_TRIES:
            return f"as published, {error}"
        raise


def _not_comparable(why: str) -> dict[str, Any]:
    blank = {"format": "other", "variables": [], "notes": []}
    return {"verdict": "not-comparable", "reason": why, **blank}


def _keep_picture(work: Work, picture: Path) -> str | None:
    return files.keep(work.settings.results_dir, picture).multihash if picture.exists() else None


def _row(entry: Rows, report: dict[str, Any], picture: str | None) -> dict[str, Any]:
    return {
        "name": entry["name"],
        "verdict": report["verdict"],
        "report": report,
        "picture": picture,
    }


async def _finish(
    work: Work, taken: Taken, compared: Sequence[dict[str, Any]], produced: Sequence[Any]
) -> None:
    verdict: Verdict = worst([row["verdict"] for row in compared])
    now, row = taken.situation.now, taken.row
    document = record_document(row, verdict, compared, now, work.settings.public_url)

    async def also(session: WriteSession) -> None:
        await verdicts.add_comparisons(session, row.id, compared)
        if reproduces(row):
            await _publish(session, work, row, verdict, document)

    decision = Decision(moves=(Move("done", verdict),), progress=100, message=verdict)
    await apply(work, taken, decision, values={"verdict": verdict}, also=also)


async def _publish(
    session: WriteSession, work: Work, row: Any, verdict: Verdict, document: dict[str, Any]
) -> None:
    text, digest = record_text(document)
    values = {"id": str(row.id), "run": row.id, "experiment": row.experiment, "verdict": verdict}
    created = document["properties"]["created"]
    values |= {"document": text, "digest": digest, "created": datetime.fromisoformat(created)}
    await verdicts.add_reproduction(session, values)
    told = announcement(row, verdict, document, work.settings.public_url)
    payload = REPRODUCTION_PUBLISHED.payload.model_validate(told)
    await outbox.add(session, REPRODUCTION_PUBLISHED, "reproduction", str(row.id), payload)

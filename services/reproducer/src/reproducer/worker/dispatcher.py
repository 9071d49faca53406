"""Taking runs that are due, one step each, a few at a time."""

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from earthcode_common import telemetry
from earthcode_common.app import Runtime
from earthcode_common.worker import listening, wait

from reproducer.domain.decision import end, try_again
from reproducer.store import files, leases, platforms
from reproducer.store.runs import WAKE
from reproducer.worker.applying import apply
from reproducer.worker.collect import collect
from reproducer.worker.compare import compare
from reproducer.worker.follow import follow
from reproducer.worker.submit import begin, reconcile
from reproducer.worker.work import Taken, Work, open_work

Step = Callable[[Work, Taken], Awaitable[None]]
STEPS: Mapping[str, Step] = {
    "planned": begin,
    "submitting": reconcile,
    "queued": follow,
    "running": follow,
    "collecting": collect,
    "comparing": compare,
}
IDLE_SECONDS = 5.0
MAX_BROKEN = 12
STOPPING_SECONDS = 5.0
OWNER = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"


async def dispatch_runs(runtime: Runtime) -> None:
    async with open_work(runtime) as work, listening(runtime, WAKE) as wake:
        await asyncio.to_thread(files.remove_stale, work.settings.results_dir)
        slots = asyncio.Semaphore(work.settings.parallel_runs)
        async with asyncio.TaskGroup() as group:
            while True:
                await slots.acquire()
                taken = await _take(work)
                if taken is None:
                    slots.release()
                    await wait(wake, await _pause(work))
                    continue
                task = group.create_task(_work_on(work, taken))
                task.add_done_callback(lambda _: slots.release())
                task.add_done_callback(lambda _: wake.set())


async def _take(work: Work) -> Taken | None:
    async with work.runtime.db.write() as session:
        row = await leases.claim(session, OWNER, work.settings.lease_seconds)
        if row is None:
            return None
        platform = await platforms.find_platform(session, row.platform)
    assert platform is not None
    return Taken(row, platform, work.limits)


async def _pause(work: Work) -> float:
    """Until the next run is due; a planned run that waits for its platform is overdue already."""
    async with work.runtime.db.read() as session:
        seconds = await leases.seconds_to_next(session)
    return IDLE_SECONDS if seconds is None else min(max(seconds, 0.25), IDLE_SECONDS)


async def _work_on(work: Work, taken: Taken) -> None:
    try:
        await _under_lease(work, taken, _step(work, taken))
    except leases.LeaseLost:
        telemetry.log.warning("lease lost", extra={"run": str(taken.row.id)})
    except (OSError, sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
        # The lease runs out, and whoever is there then goes on.
        facts = {"run": str(taken.row.id), "error": repr(error)[:300]}
        telemetry.log.warning("step broken off", extra=facts)


async def _step(work: Work, taken: Taken) -> None:
    try:
        await STEPS[taken.row.state](work, taken)
    except (leases.LeaseLost, OSError, sa.exc.DBAPIError, sa.exc.TimeoutError):
        raise
    except Exception as error:
        telemetry.log.error("step broke", exc_info=error, extra={"run": str(taken.row.id)})
        await _after_bug(work, taken, error)


async def _after_bug(work: Work, taken: Taken, error: Exception) -> None:
    """A run that breaks us every time must not break us for ever."""
    detail = f"internal error ({type(error).__name__})"
    broken = taken.row.tries >= MAX_BROKEN
    decision = end("failed", detail) if broken else try_again(taken.situation, detail)
    await apply(work, taken, decision)


async def _under_lease(work: Work, taken: Taken, step: Coroutine[Any, Any, None]) -> None:
    """The step, as long as the lease can be renewed."""
    doing = asyncio.create_task(step)
    beating = asyncio.create_task(_beat(work, taken))
    try:
        await asyncio.wait({doing, beating}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        # We are told to stop: a POST that is on its way had better be answered first.
        await asyncio.wait({doing}, timeout=STOPPING_SECONDS)
        raise
    finally:
        beating.cancel()
        doing.cancel()
        await asyncio.gather(beating, doing, return_exceptions=True)
    if doing.cancelled():
        raise leases.LeaseLost(str(taken.row.id))
    doing.result()


async def _beat(work: Work, taken: Taken) -> None:
    """Renew until the lease is lost, or could not be renewed for as long as it lasts."""
    seconds = work.settings.lease_seconds
    renewed = taken.taken_at
    while time.monotonic() - renewed < seconds:
        await asyncio.sleep(seconds / 3)
        asked = time.monotonic()
        try:
            async with work.runtime.db.write() as session:
                row = taken.row
                if not await leases.renew(session, row.id, row.lease_token, seconds):
                    return
            renewed = asked
        except (OSError, sa.exc.SQLAlchemyError):
            continue

"""Background loops end when they are told to, whatever else happens at that moment."""

import asyncio
from typing import Any

import pytest
from earthcode_common import worker


@pytest.mark.parametrize("turns", range(6))
async def test_a_stop_that_comes_with_a_hint_is_not_lost(turns: int) -> None:
    """As many turns of the event loop after the hint: before it is noticed, and while it is."""
    wake = asyncio.Event()
    waiting = asyncio.create_task(worker.wait(wake, 60))
    for _ in range(5):
        await asyncio.sleep(0)
    wake.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    if waiting.cancel():
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_loop_whose_library_loses_the_stop_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "STOP_AGAIN_SECONDS", 0.05)
    told = 0

    async def deaf(runtime: Any) -> None:
        nonlocal told
        while told < 3:
            try:
                await asyncio.sleep(600)
            except asyncio.CancelledError:
                told += 1
        raise asyncio.CancelledError

    running = asyncio.create_task(worker.run_loops(None, [deaf, deaf]))  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    running.cancel()
    ended, _ = await asyncio.wait({running}, timeout=60)
    assert ended
    assert running.cancelled()

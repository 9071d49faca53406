"""Processes that share the work; each has at most two blocks, so memory is bounded."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from catalog_api.loading import worker
from catalog_api.loading.errors import LoadFailed
from catalog_api.loading.files import Block
from catalog_api.loading.ranges import Range
from catalog_api.loading.worker import Failure, Options, Outcome

AHEAD = 2
Blocks = Iterator[Block | Range]


@contextmanager
def processes(number: int, options: Options) -> Iterator[list[Connection]]:
    """Pipes to as many processes, which end with the block (or with this process).

    They are forked, as importing everything anew takes longer than a small load: begin before
    there is any thread.
    """
    context = multiprocessing.get_context("fork")
    pipes: list[Connection] = []
    running: list[ForkProcess] = []
    try:
        for _ in range(number):
            here, there = context.Pipe()
            process = context.Process(target=_run, args=(there, [*pipes, here], options))
            process.start()
            there.close()
            pipes.append(here)
            running.append(process)
        yield pipes
    finally:
        for pipe in pipes:
            pipe.close()
        for process in running:
            process.join(timeout=60)


def _run(pipe: Connection, others: list[Connection], options: Options) -> None:
    for other in others:  # while anybody holds it, a pipe does not end
        other.close()
    worker.run(pipe, options)


def outcomes(blocks: Blocks, pipes: list[Connection]) -> Iterator[Outcome]:
    """What became of each block, in the order in which they were done. Raises LoadFailed."""
    waiting = dict.fromkeys(pipes, 0)
    for pipe in pipes * AHEAD:
        _hand_out(blocks, pipe, waiting)
    while any(waiting.values()):
        for ready in wait([one for one in pipes if waiting[one]]):
            pipe = next(one for one in pipes if one is ready)
            outcome = _received(pipe)
            waiting[pipe] -= 1
            _hand_out(blocks, pipe, waiting)
            yield outcome


def _hand_out(blocks: Blocks, pipe: Connection, waiting: dict[Connection, int]) -> None:
    block = next(blocks, None)
    if block is not None:
        waiting[pipe] += 1
        with suppress(BrokenPipeError):  # why it ended is read next
            pipe.send(block)


def _received(pipe: Connection) -> Outcome:
    try:
        told = pipe.recv()
    except (EOFError, ConnectionError):
        raise LoadFailed("a process ended") from None
    if isinstance(told, Failure):
        raise LoadFailed(told.reason)
    assert isinstance(told, Outcome)
    return told

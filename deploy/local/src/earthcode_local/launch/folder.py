"""The data folder of a deployment: one supervisor at a time, and nothing left of the last one."""

import fcntl
import os
import signal
from pathlib import Path
from typing import IO

from earthcode_local.servers.postmaster import read_lock, runs_here
from earthcode_local.servers.processes import birth, end_stranger
from earthcode_local.state import ProcessState, read_state

LOG_BYTES = 10 * 1024 * 1024


class InUse(RuntimeError):
    """Another `earthcode up` runs on the folder."""


class Unusable(RuntimeError):
    """Nothing can be kept in the folder."""


def prepare(data_dir: Path) -> None:
    """Raises Unusable."""
    try:
        _prepare(data_dir)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Unusable(
            f"{data_dir} cannot be used as the data folder ({why}). "
            "Choose another one with --data-dir."
        ) from error


def _prepare(data_dir: Path) -> None:
    for folder in (data_dir, data_dir / "log", data_dir / "secrets", data_dir / "results"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for log in (data_dir / "log").glob("*.log"):
        if log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


def lock(data_dir: Path) -> IO[str]:
    """Held until closed, or until this process ends in whatever way; raises InUse."""
    path = data_dir / "lock"
    held = open(path, "a+", opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise InUse(_in_use(data_dir)) from None
    return held


def _in_use(data_dir: Path) -> str:
    running = read_state(data_dir)
    where = f" at {running.url} (pid {running.pid})" if running and running.alive else ""
    return (
        f"A deployment already runs on {data_dir}{where}. Stop it first, or choose another folder "
        "with --data-dir."
    )


def end_leftovers(data_dir: Path) -> list[str]:
    """End what a supervisor that was killed could not; names of what was still there.

    Recognised by pid and time of birth, so a process that got an old pid is safe. The caller holds
    the lock, so none of it belongs to anyone.
    """
    earlier = read_state(data_dir)
    left = [p for p in (earlier.processes if earlier else ()) if p.alive]
    postgres = data_dir / "postgres"
    lock_file = read_lock(postgres)
    if lock_file and lock_file.pid and runs_here(lock_file.pid, postgres):
        known = any(p.pid == lock_file.pid for p in left)
        if not known:
            born = birth(lock_file.pid)
            left.insert(0, ProcessState("postgres", lock_file.pid, "", "left", born))
    for process in reversed(left):  # the table lists what is needed first
        assert process.pid is not None
        fast = signal.SIGINT if process.name == "postgres" else signal.SIGTERM
        end_stranger(process.pid, process.born or "", fast, 15)
    return [process.name for process in left]

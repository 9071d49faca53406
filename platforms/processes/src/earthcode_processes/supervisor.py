"""Starts waiting jobs, a few at a time, and sees to those whose process is gone.

What is true is in the store; here are only the handles of the processes that this server started
(to reap them). A server that starts finds the jobs of the one before: those whose process lives are
adopted, the others wait again.
"""

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from . import alive, folders, store

LOGGER = logging.getLogger(__name__)
WAKE = threading.Event()
STOPPING = threading.Event()

BUSY_SECONDS = 0.1
IDLE_SECONDS = 1.0
CLEANING_SECONDS = 3600.0
TRIES = 3
# One thread each: a job is one of several, and the order of sums must not depend on the machine.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

Children = dict[tuple[str, int], "subprocess.Popen[bytes]"]


@dataclass(frozen=True)
class Limits:
    data_dir: Path
    parallel: int
    seconds: float
    keep: timedelta

    @property
    def database(self) -> Path:
        return folders.database(self.data_dir)


def supervise(limits: Limits) -> None:
    """Runs until STOPPING is set. WAKE says that something may have to be done at once."""
    parent = os.getppid()
    children: Children = {}
    cleaned = float("-inf")
    while not STOPPING.is_set():
        try:
            busy = turn(limits, children)
            if time.monotonic() - cleaned > CLEANING_SECONDS:
                clean(limits)
                cleaned = time.monotonic()
        except Exception:
            LOGGER.exception("The supervisor of the jobs failed, and goes on")
            busy = False
        WAKE.wait(BUSY_SECONDS if busy else IDLE_SECONDS)
        WAKE.clear()
    # When the server was killed its jobs go on, and the next one adopts them.
    if os.getppid() == parent:
        put_back(limits)


def turn(limits: Limits, children: Children) -> bool:
    reap(children)
    jobs = store.running(limits.database)
    for job in jobs:
        attend(limits, children, job)
    for _ in range(limits.parallel - len(jobs)):
        claimed = store.claim(limits.database)
        if claimed is None:
            break
        start(limits, children, claimed)
    return bool(children or jobs)


def reap(children: Children) -> None:
    for key, child in list(children.items()):
        if child.poll() is not None:
            LOGGER.debug("Process %s of job %s ended: %s", child.pid, key[0], child.returncode)
            del children[key]


def attend(limits: Limits, children: Children, job: store.Job) -> None:
    ours = (job.identifier, job.attempt) in children
    if not ours and not alive.same(job.pid, job.birth):
        lost(limits.database, job, "Its process ended without a result")
    elif age(job) > limits.seconds:
        overrun(limits, job)


def lost(database: Path, job: store.Job, message: str) -> None:
    # The job may have written its end since it was read: then neither of these does anything.
    failures = job.failures + 1
    if failures >= TRIES:
        text = f"{message} (killed or crashed), {failures} times: given up"
        store.fail(database, job.identifier, job.attempt, text)
    else:
        text = f"{message} (killed or crashed): waiting for try {failures + 1} of {TRIES}"
        store.requeue(database, job.identifier, job.attempt, text, failures)
    LOGGER.warning("Job %s: %s", job.identifier, text)


def overrun(limits: Limits, job: store.Job) -> None:
    text = f"Stopped: it took longer than the {limits.seconds:g} s that a job may take"
    if store.fail(limits.database, job.identifier, job.attempt, text):
        end(limits.database, job.identifier)


def end(database: Path, identifier: str) -> None:
    """Kill what runs for a job that may no longer write. Read anew: it may have begun since."""
    job = store.find(database, identifier)
    if job is not None:
        alive.kill_group(job.pid, job.birth)


def age(job: store.Job) -> float:
    started = datetime.fromisoformat(job.started or job.created)
    return (datetime.now(UTC) - started).total_seconds()


def start(limits: Limits, children: Children, job: store.Job) -> None:
    try:
        children[job.identifier, job.attempt] = spawn(limits.data_dir, job)
    except OSError as error:
        lost(limits.database, job, f"Its process could not be started, {error.strerror}")


def spawn(data_dir: Path, job: store.Job) -> "subprocess.Popen[bytes]":
    log = folders.log(data_dir, job.identifier)
    log.parent.mkdir(parents=True, exist_ok=True)
    module = ["-P", "-m", "earthcode_processes.job"]
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, *module, str(data_dir), job.identifier, str(job.attempt)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=log.parent,
            env={**os.environ, **ONE_THREAD},
            start_new_session=True,
        )


def clean(limits: Limits) -> None:
    for identifier in store.finished_before(limits.database, limits.keep):
        forget(limits.data_dir, identifier)


def forget(data_dir: Path, identifier: str) -> None:
    if store.remove(folders.database(data_dir), identifier):
        shutil.rmtree(folders.job(data_dir, identifier), ignore_errors=True)


def put_back(limits: Limits) -> None:
    """After a clean stop no job goes on without its server, and none has lost a try."""
    for job in store.running(limits.database):
        message = "Waiting: the server was stopped"
        if store.requeue(limits.database, job.identifier, job.attempt, message, job.failures):
            end(limits.database, job.identifier)


def stop() -> None:
    STOPPING.set()
    WAKE.set()


def limits_of(manager: dict[str, Any]) -> Limits:
    return Limits(
        data_dir=Path(manager["data_dir"]),
        parallel=manager["parallel_jobs"],
        seconds=manager["job_seconds"],
        keep=timedelta(days=manager["keep_days"]),
    )

"""The process of one job: `python -m earthcode_processes.job DATA_DIR IDENTIFIER ATTEMPT`.

It says that it has begun, computes, and writes its own end into the store: so a job ends well even
when the server is gone. Whatever is killed, what it wrote before is void unless that end is there.
"""

import hashlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from . import alive, folders, store
from .definitions import DEFINITIONS, Definition

LONGEST_MESSAGE = 500
LONGEST_NAP_SECONDS = 0.5


def main(data_dir: Path, identifier: str, attempt: int) -> None:
    database = folders.database(data_dir)
    pid = os.getpid()
    job = store.register(database, identifier, attempt, pid, alive.birth(pid) or "")
    if job is None:
        print("Not started: the job is no longer this process's", flush=True)
        return
    try:
        outputs = perform(data_dir, job)
    except Exception as error:
        traceback.print_exc()
        store.fail(database, identifier, attempt, reason(error))
    else:
        store.succeed(database, identifier, attempt, outputs)


def perform(data_dir: Path, job: store.Job) -> dict[str, Any]:
    definition = DEFINITIONS[job.process_id]
    progress = partial(report, folders.database(data_dir), job)
    folder = folders.attempt(data_dir, job.identifier, job.attempt)
    folder.mkdir(parents=True)
    wait(job.inputs["delay_seconds"], progress)
    progress(10, "Computing")
    import_module(definition.computation).run(job.inputs, folder, progress)
    return {name: kept(folder, job.attempt, definition, name) for name in definition.outputs}


def report(database: Path, job: store.Job, progress: int, message: str) -> None:
    if not store.report(database, job.identifier, job.attempt, progress, message):
        raise SystemExit("Ended: the job is no longer this process's")


def wait(seconds: float, progress: Callable[[int, str], object]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        progress(int(10 * (1 - left / seconds)), f"Waiting {seconds:g} s, as asked")
        time.sleep(min(left, LONGEST_NAP_SECONDS))


def kept(folder: Path, attempt: int, definition: Definition, name: str) -> dict[str, Any]:
    """What the store keeps of an output, once its bytes are on the disk."""
    path = folder / definition.outputs[name].file
    with path.open("rb") as file:
        content = file.read()
        os.fsync(file.fileno())
    return {
        "file": f"{attempt}/{path.name}",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

"""Servers under test and programs that end, each with its output in a file."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.catalog.settings import Unable

READY = 60.0  # seconds

Command = Sequence[object]


def program(
    command: Command, log: Path, env: Mapping[str, str] | None = None, told: bool = False
) -> float:
    """Run to the end and return the seconds; raises Unable with the end of its output."""
    started = time.perf_counter()
    with log.open("ab") as out:
        done = subprocess.run(
            list(map(str, command)),
            env=_environment(env, log.parent),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    took = time.perf_counter() - started
    if not told:
        _require(done.returncode, command, log)
    return took


def moments(
    command: Command, log: Path, env: Mapping[str, str] | None, words: bytes
) -> tuple[float, float]:
    """Seconds until a line with these words came, and until the end (the same when none came)."""
    said: float | None = None
    started = time.perf_counter()
    with (
        log.open("ab") as out,
        subprocess.Popen(
            list(map(str, command)),
            env=_environment(env, log.parent),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            if said is None and words in line:
                said = time.perf_counter() - started
            out.write(line)
    took = time.perf_counter() - started
    _require(process.returncode, command, log)
    return took if said is None else said, took


def _require(status: int, command: Command, log: Path) -> None:
    if status:
        tail = log.read_text(errors="replace")[-2000:]
        raise Unable(f"{Path(str(command[0])).name} failed ({status}):\n{tail}")


@contextmanager
def serving(
    command: Command, log: Path, env: Mapping[str, str] | None = None, path: str = ""
) -> Iterator[str]:
    """The address of a server; PORT in the command becomes a free one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    words = [str(word).replace("PORT", port) for word in command]
    with log.open("ab") as out:
        process = subprocess.Popen(
            words, env=_environment(env, log.parent), stdout=out, stderr=out, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}{path}"
    try:
        _await(process, url, log)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    until = time.monotonic() + READY
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/search?limit=1", timeout=10) as answer:
                answer.read()
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise Unable(f"a server does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _environment(more: Mapping[str, str] | None, work: Path) -> dict[str, str]:
    """Nothing of the surroundings that could set one side apart.

    Compiled modules of all sides are below ``work``: whoever starts often, as a loader that has
    one file at a time, would else compile all that it imports every time.
    """
    surroundings = ("EARTHCODE_", "PG", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(surroundings)}
    return kept | {"PYTHONPYCACHEPREFIX": str(work / "compiled")} | dict(more or {})

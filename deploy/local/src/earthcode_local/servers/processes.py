"""Starting, recognising and ending child processes; standard library only."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ServerError(RuntimeError):
    """A server could not be started or reached; the message says why and what to do."""


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    identity: Mapping[str, Any] | None = None,
    last_signal: int = signal.SIGKILL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, its output appended to `log` (mode 0600).

    On Linux the kernel sends the child `last_signal` when the *thread* that called this ends, so
    call it from one that lives as long as the child should.
    """
    with open_log(log) as output:
        return subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_follow_parent(last_signal),
            pass_fds=pass_fds,
            **(identity or {}),
        )


def open_log(path: Path) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600))


def _follow_parent(number: int) -> Callable[[], None] | None:
    if _libc is None:
        return None
    libc, parent = _libc, os.getpid()

    def follow() -> None:
        # Runs after the change of account, which would clear the setting: see prctl(2).
        libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return follow


def birth(pid: int) -> str | None:
    """What tells this process from a later one with the same pid; None when it does not run."""
    if sys.platform == "linux":
        return _birth_linux(pid)
    command = ["ps", "-o", "lstart=,state=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return None if not found or found[-1].startswith("Z") else " ".join(found[:-1])


def _birth_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # proc(5): from field 3, the state
    return None if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def wait_for_all(child: subprocess.Popen[bytes]) -> None:
    """Until the child has ended, and what it left in its process group with it.

    A worker that outlives its killed master would still answer on the port.
    """
    try:
        # Not reaped yet, so that the group's number cannot be somebody else's.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        os.killpg(child.pid, signal.SIGKILL)
    except (ChildProcessError, ProcessLookupError, PermissionError):
        pass  # reaped by end() already, or nothing left
    child.wait()


def end(child: subprocess.Popen[bytes], number: int, timeout: float) -> bool:
    """Send `number` and wait; after `timeout` seconds SIGKILL. True when it went by itself.

    What it leaves in its process group goes with it.
    """
    if child.poll() is None:
        child.send_signal(number)
    went = wait_until(lambda: _has_ended(child), timeout)
    if not went:
        child.kill()
    wait_for_all(child)
    return went


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Without reaping it: its number must stay its own until its group is ended."""
    try:
        how = os.WEXITED | os.WNOWAIT | os.WNOHANG
        return child.returncode is not None or os.waitid(os.P_PID, child.pid, how) is not None
    except ChildProcessError:
        return True


def end_stranger(pid: int, born: str, number: int, timeout: float) -> None:
    """End a process that is not our child, unless its pid belongs to another one by now."""
    for sent in (number, signal.SIGKILL):
        if birth(pid) != born:
            return
        try:
            os.kill(pid, sent)
        except ProcessLookupError:
            return
        if wait_until(lambda: birth(pid) != born, timeout):
            return


def wait_until(condition: Callable[[], bool], timeout: float, pause: float = 0.02) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def tail(log: Path, start: int = 0, lines: int = 12) -> str:
    """The last lines of a log, from byte `start` on, for an error message."""
    try:
        with log.open("rb") as file:
            file.seek(start)
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])

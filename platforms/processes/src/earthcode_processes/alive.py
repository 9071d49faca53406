"""Is that process still the one we started, and end it with all it started."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
BOOT = PROC / "sys/kernel/random/boot_id"


def birth(pid: int) -> str | None:
    """When the process was born, None when there is none (or only its zombie).

    A process id is used again sooner or later; a process id with its time of birth is not.
    """
    return birth_in_proc(pid) if BOOT.exists() else birth_by_ps(pid)


def birth_in_proc(pid: int) -> str | None:
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # proc_pid_stat(5): the name in parentheses may hold anything; state is field 3, start 22
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return f"{BOOT.read_text().strip()}:{fields[19]}"


def birth_by_ps(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    state, _, start = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else start.strip()


def same(pid: int | None, born: str | None) -> bool:
    return pid is not None and born is not None and birth(pid) == born


def kill_group(pid: int | None, born: str | None) -> None:
    """A job leads a process group of its own, so this ends whatever it started too."""
    if pid is not None and same(pid, born):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)

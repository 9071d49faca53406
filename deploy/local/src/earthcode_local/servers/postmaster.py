"""What a PostgreSQL data folder says about who runs on it (storage/lmgr: CreateLockFile)."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class LockFile:
    """postmaster.pid: `pid` is None when the file is empty or cut off."""

    pid: int | None
    status: str


def read_lock(data: Path) -> LockFile | None:
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    number = lines[0].strip() if lines else ""
    pid = int(number) if number.isascii() and number.isdigit() else None
    return LockFile(pid or None, lines[7].strip() if len(lines) > 7 else "")


def runs_here(pid: int, data: Path) -> bool:
    """Whether this process is a PostgreSQL server on this folder (not just any with that pid)."""
    if PROC.is_dir():
        return _command(pid).startswith("postgres") and _folder(pid) == data.resolve()
    ask = ["ps", "-o", "command=", "-p", str(pid)]
    command = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    return "postgres" in command and str(data) in command


def orphans(data: Path) -> Iterator[int]:
    """Server processes that outlived their postmaster; they hold its shared memory.

    Only where /proc exists; elsewhere they leave when they notice.
    """
    if not PROC.is_dir():
        return
    for entry in PROC.iterdir():
        if entry.name.isdigit() and runs_here(int(entry.name), data):
            with suppress(OSError):
                if (entry / "cmdline").read_bytes().startswith(b"postgres: "):
                    yield int(entry.name)


def _command(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text()
    except OSError:
        return ""


def _folder(pid: int) -> Path | None:
    try:
        return Path(os.readlink(PROC / str(pid) / "cwd"))
    except OSError:
        return None

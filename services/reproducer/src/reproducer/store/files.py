"""Results on disk, named by their multihash: written aside, synced, and renamed into place."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INCOMING = ".incoming"
STALE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Stored:
    multihash: str
    size: int


@contextmanager
def workspace(root: Path) -> Iterator[Path]:
    """A folder on the same file system as the results, gone afterwards."""
    incoming = root / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=incoming))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_stale(root: Path) -> None:
    """What killed workers left in their workspaces."""
    for folder in (root / INCOMING).glob("*"):
        if time.time() - folder.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def keep(root: Path, file: Path) -> Stored:
    """Move ``file`` to its place; a file that is there already is the same one."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        os.fsync(content.fileno())
    stored = Stored(f"1220{digest}", file.stat().st_size)
    place = path_of(root, stored.multihash)
    place.parent.mkdir(parents=True, exist_ok=True)
    file.replace(place)
    _sync(place.parent)
    return stored


def path_of(root: Path, multihash: str) -> Path:
    return root / multihash[4:6] / multihash


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

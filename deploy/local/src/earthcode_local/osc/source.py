"""Where a tree comes from: a folder, or a git repository, perhaps only what a range changed."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earthcode_local.osc.tree import Entity, TreeError, entity_of, read


@contextmanager
def opened(where: str, commits: str | None = None) -> Iterator[tuple[Path, list[Entity]]]:
    """The tree's root and its entities; with ``commits`` (``A..B``) only those that B changed."""
    folder = Path(where)
    if folder.is_dir() and not commits:
        yield folder, read(folder)
        return
    if not folder.exists() and not _is_address(where):
        raise TreeError(f"There is no such folder or repository: {where}")
    with tempfile.TemporaryDirectory(prefix="earthcode-osc-") as temporary:
        clone = Path(temporary) / "tree"
        _git("clone", "--quiet", "--no-checkout", where, str(clone))
        last = commits.partition("..")[2] if commits else ""
        _git("checkout", "--quiet", last or "HEAD", at=clone)
        entities = read(clone)
        if commits:
            changed = {entity_of(path) for path in _changed(clone, commits)}
            entities = [entity for entity in entities if (entity.kind, entity.id) in changed]
        yield clone, entities


def _is_address(where: str) -> bool:
    """git clones from https://host/path and from user@host:path."""
    return ":" in where


def _changed(clone: Path, commits: str) -> list[str]:
    names = _git("diff", "--name-only", "-z", "--diff-filter=d", commits, "--", at=clone)
    return [name for name in names.split("\0") if name]


def _git(*words: str, at: Path | None = None) -> str:
    place = ["-C", str(at)] if at else []
    try:
        done = subprocess.run(["git", *place, *words], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise TreeError("git is needed to read a repository: apt-get install git") from None
    except subprocess.CalledProcessError as error:
        raise TreeError(f"git {words[0]} failed: {error.stderr.strip()}") from error
    return done.stdout

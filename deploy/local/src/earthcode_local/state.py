"""What a running deployment says about itself in DATA/state.json, and how commands find it."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from earthcode_local.files import read_json, write_json
from earthcode_local.servers.processes import birth

DEFAULT_PORT = 8080


class NotRunning(RuntimeError):
    """No deployment is where the command looked; the message says where that was."""


@dataclass(frozen=True)
class ProcessState:
    """One supervised process. `born` tells it from a later process with the same pid; `probe` is
    the address that answers 200 while it can work, when it has one."""

    name: str
    pid: int | None
    url: str
    state: str
    born: str | None = None
    probe: str | None = None

    @property
    def alive(self) -> bool:
        return self.pid is not None and self.born is not None and birth(self.pid) == self.born


@dataclass(frozen=True)
class Deployment:
    """`pid` is the supervisor's; `issuer` the development provider's address."""

    url: str
    data_dir: str
    pid: int
    born: str | None
    issuer: str
    clients: dict[str, str] = field(default_factory=dict)
    processes: tuple[ProcessState, ...] = ()

    @property
    def alive(self) -> bool:
        return self.born is not None and birth(self.pid) == self.born


def default_data_dir() -> Path:
    given = os.environ.get("EARTHCODE_DATA_DIR")
    if given:
        return Path(given).expanduser().absolute()
    share = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(share).expanduser().absolute() / "earthcode"


def read_state(data_dir: Path) -> Deployment | None:
    value = read_json(data_dir / "state.json")
    if value is None:
        return None
    processes = tuple(ProcessState(**row) for row in value.pop("processes"))
    return Deployment(**value, processes=processes)


def write_state(deployment: Deployment) -> None:
    write_json(Path(deployment.data_dir) / "state.json", asdict(deployment))


def find() -> Deployment:
    """The running deployment that EARTHCODE_DATA_DIR or EARTHCODE_URL names, else the default.

    Raises NotRunning.
    """
    folders = list(dict.fromkeys(_folders_meant()))
    for data_dir in folders:
        found = read_state(data_dir)
        if found is not None and found.alive:
            return found
    where = " or ".join(str(data_dir) for data_dir in folders) or os.environ["EARTHCODE_URL"]
    raise NotRunning(
        f"No deployment runs on {where}. Start one with `earthcode up`, or say which one "
        "you mean with EARTHCODE_URL or EARTHCODE_DATA_DIR."
    )


def _folders_meant() -> Iterator[Path]:
    if os.environ.get("EARTHCODE_DATA_DIR"):
        yield default_data_dir()
        return
    url = os.environ.get("EARTHCODE_URL")
    known = read_json(_register(_port(url or "")))
    if url and known:
        yield Path(known["data_dir"])
    if not url or _port(url) == DEFAULT_PORT:
        yield default_data_dir()
    if known:
        yield Path(known["data_dir"])


def register(deployment: Deployment) -> None:
    """So that EARTHCODE_URL alone is enough to find it. Best effort: a home may be read-only."""
    path = _register(_port(deployment.url))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_json(path, {"data_dir": deployment.data_dir})
    except OSError:
        return


def _register(port: int) -> Path:
    folder = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(folder).expanduser() / "earthcode" / f"{port}.json"


def _port(url: str) -> int:
    try:
        return urlsplit(url).port or DEFAULT_PORT
    except ValueError:
        return DEFAULT_PORT

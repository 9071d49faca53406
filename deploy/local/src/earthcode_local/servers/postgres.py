"""A private PostgreSQL server: a Unix socket in a closed folder, no TCP, no password."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from earthcode_local.servers.account import Account, unprivileged
from earthcode_local.servers.binaries import postgres_bin, reachable_postgres
from earthcode_local.servers.postmaster import orphans, read_lock, runs_here
from earthcode_local.servers.processes import ServerError, end, spawn, tail

INITDB = [
    *("--username=postgres", "--auth=trust", "--encoding=UTF8"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
]
# Left by a crash or a server still on its way out: gone after a moment.
PASSING = ("pre-existing shared memory block", "already exists", "Address already in use")
NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Postgres:
    """PostgreSQL on `data_dir` (made when absent), from `bin_dir` or the wheel.

    As root the server runs under the account postgres or nobody, which then owns the folder.
    Start it from a thread that lives as long as the server should: see processes.spawn.
    """

    def __init__(
        self, data_dir: Path, *, log: Path | None = None, bin_dir: Path | None = None
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.log = log or self.data_dir.with_name(f"{self.data_dir.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self._binaries = bin_dir
        self._reachable: Path | None = None
        self._account = Account()
        self._sockets: Path | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.poll() is None else None

    @property
    def bin_dir(self) -> Path:
        """The folder that holds `postgres`, `initdb`, `psql` and the other programs."""
        return self._reachable or self._binaries or postgres_bin()

    @property
    def psql(self) -> Path:
        return self.bin_dir / "psql"

    def start(self, timeout: float = 60.0) -> None:
        """Start, or carry on after a crash, and wait until it accepts connections.

        ServerError when it cannot: another major version's data, a server that already runs on
        the folder, anything in the log.
        """
        if self.pid is not None:
            return
        self._stopping = False
        self._prepare()
        deadline = time.monotonic() + timeout
        while not self._try_start(deadline):
            time.sleep(0.1)

    def stop(self, timeout: float = 30.0) -> None:
        """Fast shutdown (SIGINT): open sessions are ended, nothing is lost."""
        self._stopping = True
        if self.process is not None:
            end(self.process, signal.SIGINT, timeout)
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def dsn(self, database: str = "postgres") -> str:
        """The address of a database; known before the server runs."""
        if self._sockets is None:
            self._sockets = socket_folder(self.data_dir, unprivileged(self.data_dir))
        return f"postgresql://postgres@/{database}?host={self._sockets}"

    def create_database(self, name: str) -> str:
        """Create the database when it is absent; its DSN."""
        if not NAME.fullmatch(name):
            raise ValueError(f"not a plain database name: {name!r}")
        exists = f"select 1 from pg_database where datname = '{name}'"
        if not self._sql(exists):
            try:
                self._sql(f'create database "{name}"')
            except ServerError:
                if not self._sql(exists):  # else somebody else was faster
                    raise
        return self.dsn(name)

    def __enter__(self) -> "Postgres":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _prepare(self) -> None:
        self._account = unprivileged(self.data_dir)
        wanted = self._binaries or postgres_bin()
        self._reachable, version = reachable_postgres(wanted, self._account)
        if (self.data_dir / "PG_VERSION").exists():
            self._refuse_other_major(version)
        else:
            self._initdb()
        self._account.own(self.data_dir)
        self._sockets = socket_folder(self.data_dir, self._account)

    def _refuse_other_major(self, version: str) -> None:
        made_by = (self.data_dir / "PG_VERSION").read_text().strip()
        if made_by != version.split(".")[0]:
            raise ServerError(
                f"{self.data_dir} was made by PostgreSQL {made_by}, and this is {version}. "
                "Dump it with the old version and restore it, or choose another data folder."
            )

    def _initdb(self) -> None:
        """Beside the final place and moved there, so a crash leaves no half-made folder."""
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise ServerError(f"{self.data_dir} is neither empty nor a PostgreSQL data folder.")
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        prefix = f"{self.data_dir.name}.new-"
        for left_over in self.data_dir.parent.glob(f"{prefix}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=prefix, dir=self.data_dir.parent))
        self._account.own(fresh)
        command: list[str | Path] = [
            self.bin_dir / "initdb",
            *INITDB,
            "-D",
            self._data_argument(fresh),
        ]
        child = spawn(command, log=self.log, cwd=fresh, identity=self._account.identity)
        if child.wait() != 0:
            raise ServerError(f"initdb failed:\n{tail(self.log)}")
        fresh.rename(self.data_dir)

    def _data_argument(self, data: Path) -> str:
        # Another account may not be able to walk to the folder (root's home, a private
        # temporary folder); it can stand in it, and never leaves: so we name where it stands.
        return "/proc/self/cwd" if self._account.uid is not None else str(data)

    def _try_start(self, deadline: float) -> bool:
        self._await_departure(deadline)
        stale = self._clear_away()
        logged = self.log.stat().st_size if self.log.exists() else 0
        self.process = spawn(
            self._command(),
            log=self.log,
            cwd=self.data_dir,
            identity=self._account.identity,
            env=_environment(stale),
            last_signal=signal.SIGINT,
        )
        try:
            return self._wait_ready(deadline, logged)
        except BaseException:
            end(self.process, signal.SIGINT, 10)
            raise

    def _command(self) -> list[str | Path]:
        settings = ["listen_addresses=", "max_connections=200"]
        if sys.platform == "linux":  # after a crash: one call in place of one per file
            settings.append("recovery_init_sync_method=syncfs")
        return [
            *(self.bin_dir / "postgres", "-D", self._data_argument(self.data_dir)),
            *("-k", self._sockets or ""),
            *(part for setting in settings for part in ("-c", setting)),
        ]

    def _await_departure(self, deadline: float) -> None:
        """A server that lost its launcher is told to stop by the kernel; that takes a moment."""
        while (
            (lock := read_lock(self.data_dir)) and lock.pid and runs_here(lock.pid, self.data_dir)
        ):
            if self._stopping or time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL (pid {lock.pid}) already runs on {self.data_dir}.")
            time.sleep(0.05)

    def _clear_away(self) -> int | None:
        """Remove what a crash left behind; the pid of a lock file that means nothing any more."""
        for pid in orphans(self.data_dir):
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        for socket in (self._sockets or Path("/nowhere")).glob(".s.PGSQL.*"):
            socket.unlink(missing_ok=True)
        lock = read_lock(self.data_dir)
        if lock and lock.pid is None:  # cut off by a crash: PostgreSQL would refuse for ever
            (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        return lock.pid if lock else None

    def _wait_ready(self, deadline: float, logged: int) -> bool:
        """False when it is worth another try."""
        assert self.process is not None
        while self.process.poll() is None:
            lock = read_lock(self.data_dir)
            if lock and lock.pid == self.process.pid and lock.status == "ready":
                return True
            if time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL is not ready in time:\n{tail(self.log, logged)}")
            time.sleep(0.02)
        said = tail(self.log, logged)
        if self._stopping or time.monotonic() > deadline or not any(p in said for p in PASSING):
            raise ServerError(f"PostgreSQL did not start:\n{said}")
        return False

    def _sql(self, statement: str) -> str:
        options = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.dsn(), "-c", statement]
        done = subprocess.run(
            [str(self.psql), *options], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise ServerError(done.stderr.strip())
        return str(done.stdout).strip()


def socket_folder(data: Path, account: Account) -> Path:
    """A short path (a socket's is limited to 107 bytes), the same at every start when possible.

    Only the server's account (and root) may enter it: whoever reaches the socket is `postgres`.
    """
    root = Path("/tmp") if os.access("/tmp", os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    owner = os.geteuid() if account.uid is None else account.uid
    tag = hashlib.sha256(f"{owner}:{data}".encode()).hexdigest()[:12]
    folder = root / f"earthcode-pg-{tag}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid not in (owner, os.geteuid()):
        folder = Path(tempfile.mkdtemp(prefix="earthcode-pg-", dir=root))  # someone squats there
    account.own(folder)
    return folder


def _environment(stale: int | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if stale is not None:
        # The pid in a dead server's lock file may be someone else's by now, and PostgreSQL would
        # believe it. This variable (pg_ctl's own) makes it disregard that one pid, and still
        # check that the dead server's shared memory is unused.
        kept["PG_GRANDPARENT_PID"] = str(stale)
    return kept

"""A private NATS server with JetStream on 127.0.0.1."""

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

from earthcode_local.servers.binaries import nats_server
from earthcode_local.servers.processes import ServerError, end, spawn, tail


class Nats:
    """nats-server with its store in `data_dir`; `port` 0 takes a free one and keeps it.

    `config_text` is added to the configuration (accounts, permissions). Start it from a thread
    that lives as long as the server should: see processes.spawn.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        config_text: str | None = None,
        log: Path | None = None,
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.log = log or self.data_dir.with_name(f"{self.data_dir.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self._port = port
        self._config_text = config_text or ""

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.poll() is None else None

    @property
    def url(self) -> str:
        if not self._port:
            raise ServerError("nats-server has not been started yet.")
        return f"nats://127.0.0.1:{self._port}"

    def start(self, timeout: float = 30.0) -> None:
        """Start and wait until it listens; ServerError when it cannot, with the log's end."""
        if self.pid is not None:
            return
        deadline = time.monotonic() + timeout
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in self.data_dir.glob("*.ports"):
            old.unlink(missing_ok=True)
        logged = self.log.stat().st_size if self.log.exists() else 0
        lock = self._lock(deadline)
        try:
            command: list[str | Path] = [nats_server(), "-c", self._write_config()]
            self.process = spawn(command, log=self.log, last_signal=signal.SIGTERM, pass_fds=[lock])
        finally:
            os.close(lock)
        try:
            self._wait_ready(deadline, logged)
        except BaseException:
            end(self.process, signal.SIGTERM, 5)
            raise

    def stop(self, timeout: float = 15.0) -> None:
        if self.process is not None:
            end(self.process, signal.SIGTERM, timeout)

    def __enter__(self) -> "Nats":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _lock(self, deadline: float) -> int:
        """nats-server does not lock its store, so it inherits a lock that ends when it does."""
        lock = os.open(self.data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(lock)
                    raise ServerError(f"A nats-server already runs on {self.data_dir}.") from None
                time.sleep(0.05)

    def _write_config(self) -> Path:
        path = self.data_dir / "nats.conf"
        path.unlink(missing_ok=True)
        store, folder = quoted(self.data_dir / "store"), quoted(self.data_dir)
        lines = [
            f'listen: "127.0.0.1:{self._port or -1}"',
            f"ports_file_dir: {folder}",
            # Two minutes by default; a power cut should not cost that much.
            f"jetstream {{ store_dir: {store}, sync_interval: 1s }}",
            self._config_text,
        ]
        with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write("\n".join(lines) + "\n")
        return path

    def _wait_ready(self, deadline: float, logged: int) -> None:
        """The server writes its ports file, named by its pid, once it listens."""
        assert self.process is not None
        ports = self.data_dir / f"nats-server_{self.process.pid}.ports"
        while not (found := _port(ports)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServerError(f"nats-server did not start:\n{tail(self.log, logged)}")
            time.sleep(0.01)
        self._port = found


def quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)


def _port(ports: Path) -> int | None:
    try:
        return int(json.loads(ports.read_text())["nats"][0].rpartition(":")[2])
    except (OSError, ValueError):
        return None

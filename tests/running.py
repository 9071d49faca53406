"""A whole federation, as `earthcode up` starts it, for tests that need one."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

READY_WITHIN = 120.0


@dataclass
class Federation:
    url: str
    data_dir: Path
    process: subprocess.Popen[bytes]

    def run(self, *words: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """The earthcode command against this deployment."""
        return subprocess.run(
            [sys.executable, "-m", "earthcode_local", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        given = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "NATS_URL")}
        return given | {"EARTHCODE_URL": self.url, "EARTHCODE_DATA_DIR": str(self.data_dir)}

    def token(self, role: str) -> str:
        done = self.run("token", "--as", role, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def processes(self) -> dict[str, dict[str, Any]]:
        """Every supervised process by name: name, pid, url, state."""
        done = self.run("status", "--json", timeout=60)
        return {entry["name"]: entry for entry in json.loads(done.stdout)["processes"]}

    def headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(role)}"}


@contextmanager
def running(data_dir: Path) -> Iterator[Federation]:
    made = start(data_dir, free_port())
    try:
        yield made
    finally:
        stop(made)


def start(data_dir: Path, port: int) -> Federation:
    """Start and wait until ready; raises with the end of its output when it does not come up."""
    log = data_dir.with_suffix(".out")
    given = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "NATS_URL")}
    words = ["up", "--port", str(port), "--data-dir", str(data_dir)]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "earthcode_local", *words],
            env=given,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    made = Federation(f"http://127.0.0.1:{port}", data_dir, process)
    try:
        await_ready(made, log)
    except BaseException:
        stop(made)
        raise
    return made


def await_ready(federation: Federation, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            if httpx2.get(f"{federation.url}/readyz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        ended = federation.process.poll() is not None
        if ended or time.monotonic() > deadline:
            raise RuntimeError(f"earthcode up is not ready:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)


def stop(federation: Federation) -> None:
    federation.process.send_signal(signal.SIGINT)
    try:
        federation.process.wait(60)
    except subprocess.TimeoutExpired:
        federation.process.kill()
        federation.process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])

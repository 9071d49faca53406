"""The platform as a subprocess on a free port, and a client of three verbs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from earthcode_processes import folders, store

from tests.running import free_port

ENDED = ("successful", "failed", "dismissed")
JSON = {"Content-Type": "application/json"}
ASYNC = {"Prefer": "respond-async"}


class PlatformServer:
    def __init__(self, data_dir: Path, *options: str):
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, until_answers: bool = True) -> "PlatformServer":
        command = [sys.executable, "-m", "earthcode_processes", "--port", str(self.port)]
        command += ["--lock-seconds", "60"]
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data-dir", str(self.data_dir), *self.options],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if until_answers:
            until(self.answers, 120, f"the server to answer; see {self.data_dir}/server.log")
        return self

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.data_dir / "server.log").read_text()
        try:
            return requests.get(f"{self.url}/conformance", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def kill_all(self) -> None:
        """Server and worker, as when a machine ends a container; jobs have their own groups."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(60)

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=60, **options)

    def execute(
        self, process: str, inputs: Any, headers: dict[str, str] | None = None, **request: Any
    ) -> requests.Response:
        url = f"{self.url}/processes/{process}/execution"
        # Not `json=`, which would refuse to send a NaN.
        body = json.dumps({"inputs": inputs, **request})
        return requests.post(url, data=body, headers={**JSON, **(headers or {})}, timeout=60)

    def submit(self, process: str, inputs: Any, **request: Any) -> str:
        response = self.execute(process, inputs, ASYNC, **request)
        assert response.status_code == 201, response.text
        return str(response.json()["jobID"])

    def status(self, job: str) -> dict[str, Any]:
        response = self.get(f"/jobs/{job}")
        assert response.status_code == 200, response.text
        return dict(response.json())

    def ended(self, job: str, seconds: float = 120) -> dict[str, Any]:
        until(lambda: self.status(job)["status"] in ENDED, seconds, f"job {job} to end")
        return self.status(job)

    def row(self, job: str) -> store.Job:
        found = store.find(folders.database(self.data_dir), job)
        assert found is not None
        return found

    def begun(self, job: str, attempt: int = 1) -> int:
        """The process id of a job, once its process has said that it has begun."""

        def registered() -> bool:
            row = self.row(job)
            return row.attempt == attempt and row.pid is not None and row.status == "running"

        until(registered, 60, f"attempt {attempt} of job {job} to begin")
        return self.row(job).pid or 0


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"Waited {seconds} s for {what}"
        time.sleep(0.05)

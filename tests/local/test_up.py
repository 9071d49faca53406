"""`earthcode up` as a process: its folder, its ports, its end, and what a killed one leaves."""

import base64
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from earthcode_local.launch.child import answers
from earthcode_local.servers.processes import birth, wait_until
from earthcode_local.state import read_state

from tests.running import free_port

# The real command with a smaller table: servers, the provider, and a stand-in for the gateway.
UP = """
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
import click
from earthcode_local import up
from earthcode_local.launch import config, table
from earthcode_local.launch.child import Child
from earthcode_local.launch.supervisor import Program
from earthcode_local.servers import Nats, Postgres

def programs(layout, permissions):
    servers, database_url = table._servers(layout, permissions)
    gateway = Child(
        [sys.executable, "-m", "earthcode_local.oidc", "--port", str(layout.port),
         "--data-dir", str(layout.data_dir / "gateway")],
        log=layout.log("gateway"), env=config.environment(layout), ready_url=layout.url + "/readyz",
    )
    needs = ("postgres", "nats", "oidc")
    return [*servers, table.oidc(layout), Program("gateway", gateway, layout.url, needs)]

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests may run under nohup
up.programs = programs
up.up(prog_name="earthcode up")
"""


@dataclass
class Run:
    process: subprocess.Popen[str]
    data_dir: Path
    port: int
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_ready(self, timeout: float = 240) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.rest()
            return answers(self.url + "/readyz") and self.announced()

        assert wait_until(ready, timeout, 0.1), self.rest()

    def announced(self) -> bool:
        return "Ctrl-C stops everything." in self.output.read_text()  # the last line

    @property
    def output(self) -> Path:
        return self.data_dir.with_suffix(".out")

    def rest(self) -> str:
        return self.output.read_text()

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(120)

    def pids(self) -> dict[str, tuple[int, str]]:
        found = read_state(self.data_dir)
        assert found
        return {p.name: (p.pid, p.born) for p in found.processes if p.pid and p.born}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "earthcode_local", *words],
            env=self.environment | {"EARTHCODE_DATA_DIR": str(self.data_dir)},
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="earthcode-up-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def environment(folder: Path) -> dict[str, str]:
    """No deployment of the developer's own."""
    meant = ("DATABASE_URL", "NATS_URL", "EARTHCODE_URL", "EARTHCODE_DATA_DIR")
    kept = {k: v for k, v in os.environ.items() if k not in meant}
    return kept | {"XDG_STATE_HOME": str(folder / "state")}


def begin(data_dir: Path, environment: dict[str, str], port: int | None = None) -> Run:
    number = port or free_port()
    with data_dir.with_suffix(".out").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", UP, "--port", str(number), "--data-dir", str(data_dir)],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return Run(process, data_dir, number, environment)


@pytest.fixture
def launch(tmp_path: Path, environment: dict[str, str]) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(port: int | None = None) -> Run:
        runs.append(begin(tmp_path / "data", environment, port))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.end(signal.SIGTERM)


@pytest.fixture(scope="module")
def running(folder: Path, environment: dict[str, str]) -> Iterator[Run]:
    """One that tests look at and leave as it is."""
    run = begin(folder / "data", environment)
    run.wait_ready()
    yield run
    run.end(signal.SIGTERM)


def gone(processes: dict[str, tuple[int, str]]) -> Callable[[], bool]:
    return lambda: all(birth(pid) != born for pid, born in processes.values())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_the_data_stays(
    launch: Callable[..., Run], number: signal.Signals
) -> None:
    run = launch()
    run.wait_ready()
    processes = run.pids()
    assert list(processes) == ["postgres", "nats", "oidc", "gateway"]
    assert run.end(number) == 0
    assert gone(processes)()
    assert (run.data_dir / "postgres" / "PG_VERSION").exists()
    left = read_state(run.data_dir)
    assert left
    assert {p.state for p in left.processes} == {"stopped"}


def test_the_output_names_the_addresses_and_what_to_try(running: Run) -> None:
    output = running.rest()
    for expected in (
        f"EarthCODE is ready at {running.url}",
        f"{running.url}/stac",
        "earthcode demo",
        "earthcode token --as steward",
        "stella",
        str(running.data_dir),
    ):
        assert expected in output, expected
    assert "\x1b[" not in output, "colours in a file"


def test_status_and_token_find_the_deployment(running: Run) -> None:
    done = running.command("status", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["processes"]
    assert {row["name"]: row["state"] for row in rows} == dict.fromkeys(running.pids(), "ready")
    assert all(set(row) == {"name", "pid", "url", "state"} for row in rows)
    assert "postgres" in running.command("status").stdout
    for role in ("contributor", "platform", "steward", "technical-officer", "operator"):
        done = running.command("token", "--as", role)
        assert done.returncode == 0, done.stderr
        claims = payload(done.stdout.strip())
        assert claims["roles"] == [role]
        assert claims["aud"] == "earthcode"


def payload(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def test_the_address_alone_finds_the_deployment(running: Run) -> None:
    words = [sys.executable, "-m", "earthcode_local", "status", "--json"]
    found = subprocess.run(
        words,
        env=running.environment | {"EARTHCODE_URL": running.url + "/"},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    other = running.environment | {"EARTHCODE_URL": "http://127.0.0.1:1"}
    missing = subprocess.run(words, env=other, capture_output=True, text=True)
    assert missing.returncode == 1
    assert "http://127.0.0.1:1" in missing.stderr


def test_a_second_supervisor_is_refused_with_the_address_of_the_first(running: Run) -> None:
    words = ["up", "--port", str(free_port()), "--data-dir", str(running.data_dir)]
    second = running.command(*words)
    assert second.returncode == 1
    assert f"already runs on {running.data_dir} at {running.url}" in second.stderr
    assert len(second.stderr.splitlines()) == 1
    assert answers(running.url + "/readyz")


def test_a_taken_port_is_said_before_anything_starts(launch: Callable[..., Run]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = launch(taken.getsockname()[1])
        assert run.process.wait(120) == 1
    assert "--port" in run.rest()
    assert len(run.rest().splitlines()) == 1
    assert not (run.data_dir / "postgres").exists()


def test_what_dies_comes_back_under_its_address(launch: Callable[..., Run]) -> None:
    run = launch()
    run.wait_ready()
    before = run.pids()
    for pid, _ in before.values():
        os.kill(pid, signal.SIGKILL)

    def back() -> bool:
        found = read_state(run.data_dir)
        assert found
        fresh = not set(run.pids().values()) & set(before.values())
        return fresh and all(p.state == "ready" for p in found.processes)

    assert wait_until(back, 120, 0.1), run.rest()
    assert wait_until(lambda: answers(run.url + "/readyz"), 120, 0.1)
    rows = json.loads(run.command("status", "--json").stdout)["processes"]
    assert {row["state"] for row in rows} == {"ready"}
    assert run.command("token", "--as", "steward").returncode == 0


def test_a_killed_supervisor_leaves_nothing_and_the_next_one_works(
    launch: Callable[..., Run],
) -> None:
    run = launch()
    run.wait_ready()
    processes = run.pids()
    token = run.command("token", "--as", "steward").stdout
    run.process.kill()
    run.process.wait()
    again = launch(run.port)  # at once
    again.wait_ready()
    assert wait_until(gone(processes), 120)
    assert payload(again.command("token", "--as", "steward").stdout)["iss"] == payload(token)["iss"]


def test_leftovers_are_ended_and_strangers_are_not(launch: Callable[..., Run]) -> None:
    """As where no kernel ends the processes of a killed supervisor."""
    run = launch()
    run.wait_ready()
    run.end()
    left = subprocess.Popen(["sleep", "1000"])
    stranger = subprocess.Popen(["sleep", "1000"])
    try:
        path = run.data_dir / "state.json"
        state = json.loads(path.read_text())
        ours, theirs = state["processes"][1], state["processes"][2]
        ours |= {"pid": left.pid, "born": birth(left.pid)}
        theirs |= {"pid": stranger.pid, "born": "an earlier process with this pid"}
        path.write_text(json.dumps(state))
        launch(run.port).wait_ready()
        assert left.wait(60) == -signal.SIGTERM
        assert stranger.poll() is None
    finally:
        left.kill()
        stranger.kill()
        left.wait()
        stranger.wait()


def test_what_is_secret_is_private(running: Run) -> None:
    secrets = [
        running.data_dir / "state.json",
        running.data_dir / "nats" / "nats.conf",
        *(running.data_dir / "secrets").iterdir(),
        *(running.data_dir / "oidc").iterdir(),
        *(running.data_dir / "log").iterdir(),
    ]
    assert len(secrets) > 8
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(running.data_dir.stat().st_mode) == 0o700


def test_a_program_that_cannot_start_ends_the_command_with_the_reason(
    launch: Callable[..., Run],
) -> None:
    run = launch()
    run.wait_ready()
    run.end()
    (run.data_dir / "postgres" / "PG_VERSION").write_text("9.6\n")
    again = launch(run.port)
    assert again.process.wait(120) == 1
    assert "made by PostgreSQL 9.6" in again.rest()


@pytest.mark.parametrize(
    "words",
    [
        ["up", "--port", "x"],
        ["up", "--port", "70000"],
        ["token"],
        ["token", "--as", "king"],
        ["nonsense"],
        ["status", "--yaml"],
    ],
)
def test_wrong_use_ends_with_2(environment: dict[str, str], words: list[str]) -> None:
    command = [sys.executable, "-m", "earthcode_local", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "Usage" in done.stderr


def test_a_data_folder_that_cannot_be_is_said(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "file").touch()
    for folder in ("/proc/earthcode", tmp_path / "file" / "inside"):
        command = [sys.executable, "-m", "earthcode_local", "up", "--data-dir", str(folder)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 1
        assert f"{folder} cannot be used as the data folder" in done.stderr
        assert "Errno" not in done.stderr


@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["token", "--as", "steward"]])
def test_nothing_running_is_said(
    tmp_path: Path, environment: dict[str, str], words: list[str]
) -> None:
    command = [sys.executable, "-m", "earthcode_local", *words]
    told = environment | {"EARTHCODE_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, env=told, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert f"No deployment runs on {tmp_path}" in done.stderr

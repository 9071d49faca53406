"""Keeping programs up, with tiny programs in place of the services."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from earthcode_local.launch import ports
from earthcode_local.launch.child import Child, Job, answers
from earthcode_local.launch.supervisor import Program, Supervisor, pause_after
from earthcode_local.servers import Nats, Postgres
from earthcode_local.servers.processes import birth, wait_until

STAND_IN = """
import http.server, signal, sys, time
name, port, diary, refuse_to_go = sys.argv[1:5]
def note(what):
    with open(diary, "a") as file:
        file.write(f"{name} {what}\\n")
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *args): pass
def go(*_):
    note("stopped")
    if refuse_to_go != "yes":
        sys.exit(0)
signal.signal(signal.SIGTERM, go)
server = http.server.HTTPServer(("127.0.0.1", int(port)), Answer)
note("started")
server.serve_forever(poll_interval=0.05)
"""


class Stage:
    """Stand-ins that write what happens to them into one diary."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diary = folder / "diary"
        self.held = []
        self.supervisor: Supervisor | None = None

    def program(self, name: str, *needs: str, stubborn: bool = False, grace: float = 60) -> Program:
        port, holder = ports.reserve(0)
        self.held.append(holder)
        url = f"http://127.0.0.1:{port}"
        words = [name, str(port), str(self.diary), "yes" if stubborn else "no"]
        child = Child(
            [sys.executable, "-c", STAND_IN, *words],
            log=self.folder / f"{name}.log",
            env=os.environ,
            ready_url=url + "/readyz",
            patience=60,
            grace=grace,
        )
        return Program(name, child, url, needs)

    def run(self, *programs: Program) -> Supervisor:
        self.supervisor = Supervisor(programs, first_pause=0.05, longest_pause=0.4)
        self.supervisor.start()
        return self.supervisor

    def lines(self) -> list[str]:
        return self.diary.read_text().splitlines()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    if made.supervisor:
        made.supervisor.stop()
    for holder in made.held:
        holder.close()


def everything_up(supervisor: Supervisor) -> bool:
    return wait_until(lambda: supervisor.up, 60)


def test_what_is_needed_starts_first_and_stops_last(stage: Stage) -> None:
    gateway = stage.program("gateway", "one", "two")
    supervisor = stage.run(
        gateway, stage.program("one", "base"), stage.program("two", "base"), stage.program("base")
    )
    assert everything_up(supervisor)
    supervisor.stop()
    lines = stage.lines()
    assert (lines[0], lines[3]) == ("base started", "gateway started")
    assert (lines[4], lines[7]) == ("gateway stopped", "base stopped")
    assert {s.state for s in supervisor.standing.values()} == {"stopped"}


def test_a_killed_program_comes_back_and_the_others_stay(stage: Stage) -> None:
    supervisor = stage.run(stage.program("base"), stage.program("other", "base"))
    assert everything_up(supervisor)
    before = {name: supervisor.pid(name) for name in ("base", "other")}
    assert before["base"]
    os.kill(before["base"], signal.SIGKILL)
    assert wait_until(lambda: supervisor.standing["base"].starts == 2, 60)
    assert wait_until(lambda: supervisor.standing["base"].state == "ready", 60)
    assert supervisor.pid("base") not in (None, before["base"])
    assert supervisor.pid("other") == before["other"]
    assert answers(supervisor.programs["base"].url)


def test_what_a_killed_program_leaves_behind_goes_too(stage: Stage) -> None:
    """A worker that still listens would answer in the place of the next start."""
    program = stage.program("master")
    child = program.server
    assert isinstance(child, Child)
    fork = "import os, sys, time\nif os.fork():\n    time.sleep(600)\n" + STAND_IN
    child.argv = [sys.executable, "-c", fork, *child.argv[3:]]
    supervisor = stage.run(program)
    assert everything_up(supervisor)
    pid = supervisor.pid("master")
    assert pid
    worker = int(Path(f"/proc/{pid}/task/{pid}/children").read_text())
    born = birth(worker)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: supervisor.standing["master"].starts == 2, 60)
    assert birth(worker) != born


def test_a_program_that_never_comes_up_is_given_up_with_its_last_words(stage: Stage) -> None:
    words = [sys.executable, "-c", "import sys; sys.exit('no such table: dreams')"]
    url = "http://127.0.0.1:9/"
    child = Child(words, log=stage.folder / "bad.log", env=os.environ, ready_url=url)
    supervisor = stage.run(Program("bad", child, url), stage.program("later", "bad"))
    assert wait_until(lambda: supervisor.failed == "bad", 60)
    assert "no such table: dreams" in supervisor.standing["bad"].problem
    assert supervisor.standing["bad"].starts == 3
    assert supervisor.standing["later"].state == "waiting"


def test_the_pause_between_starts_grows_and_recovers() -> None:
    pauses = [0.0]
    for _ in range(8):
        pauses.append(pause_after(1, pauses[-1], 0.5, 30))
    assert pauses[1:] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert pause_after(3600, 30, 0.5, 30) == 0.5


def test_a_job_runs_once_and_what_needs_it_waits(stage: Stage) -> None:
    write = f"open({str(stage.diary)!r}, 'a').write('job done\\n')"
    job = Job([sys.executable, "-c", write], log=stage.folder / "job.log", env=os.environ)
    supervisor = stage.run(stage.program("service", "job"), Program("job", job))
    assert everything_up(supervisor)
    assert stage.lines() == ["job done", "service started"]
    assert supervisor.standing["job"].state == "done"
    assert supervisor.pid("job") is None


def test_what_does_not_want_to_go_is_killed(stage: Stage) -> None:
    supervisor = stage.run(stage.program("stubborn", stubborn=True, grace=0.5))
    assert everything_up(supervisor)
    pid = supervisor.pid("stubborn")
    assert pid
    supervisor.stop()
    assert birth(pid) is None


def test_stopping_while_starting_leaves_nothing(stage: Stage) -> None:
    slow = Child(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        log=stage.folder / "slow.log",
        env=os.environ,
        ready_url="http://127.0.0.1:9/",
    )
    supervisor = stage.run(Program("slow", slow, "x"), stage.program("after", "slow"))
    assert wait_until(lambda: slow.process is not None, 60)
    assert slow.process
    stopper = threading.Thread(target=supervisor.stop)
    stopper.start()
    stopper.join(60)
    assert not stopper.is_alive()
    assert birth(slow.process.pid) is None
    assert not stage.diary.exists()


def test_servers_are_kept_up_too(stage: Stage) -> None:
    postgres = Postgres(stage.folder / "pg")
    nats = Nats(stage.folder / "nats")
    supervisor = stage.run(Program("postgres", postgres, "x"), Program("nats", nats, "y"))
    assert everything_up(supervisor)
    for name in ("postgres", "nats"):
        pid = supervisor.pid(name)
        assert pid
        os.kill(pid, signal.SIGKILL)
    for name in ("postgres", "nats"):
        assert wait_until(lambda: supervisor.standing[name].starts == 2, 60)  # noqa: B023
        assert wait_until(lambda: supervisor.standing[name].state == "ready", 60)  # noqa: B023
    assert postgres.create_database("still_there")


def test_ports_stay_the_same_and_are_not_given_away(tmp_path: Path) -> None:
    first, held = ports.assign(["a", "b"], tmp_path / "ports.json")
    assert len(set(first.values())) == 2
    assert all(20000 <= port < 32000 for port in first.values())
    others, also_held = ports.assign(["a", "b"], tmp_path / "other.json")
    assert not set(first.values()) & set(others.values())
    for holder in held:
        holder.close()
    again, held = ports.assign(["a", "b", "c"], tmp_path / "ports.json")
    assert {"a": again["a"], "b": again["b"]} == first
    for holder in (*held, *also_held):
        holder.close()


def test_a_port_taken_meanwhile_is_replaced(tmp_path: Path) -> None:
    first, held = ports.assign(["a"], tmp_path / "ports.json")
    held[0].close()
    stranger = ports._socket(reuse=True)
    stranger.bind(("127.0.0.1", first["a"]))
    stranger.listen()
    with stranger:
        again, held = ports.assign(["a"], tmp_path / "ports.json")
        assert again["a"] != first["a"]
        with pytest.raises(ports.PortTaken, match="in use"):
            ports.reserve(first["a"])
    held[0].close()

"""Whatever is killed when: a job ends once, with one result, or says why not."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from earthcode_processes import alive, folders

from tests.platform_processes.platform_server import ASYNC, PlatformServer, until

pytestmark = pytest.mark.faults
SLOW = {"year": 2015, "delay_seconds": 2}
VERY_SLOW = {"year": 2015, "delay_seconds": 200}
Make = Callable[..., PlatformServer]


@pytest.fixture
def bystander() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    yield process
    process.kill()
    process.wait()


def test_a_running_job_is_adopted_by_the_next_server(make_platform: Make) -> None:
    platform = make_platform("--parallel-jobs", "1")
    job = platform.submit("sst-anomaly", VERY_SLOW)
    waiting = platform.submit("sst-anomaly", {"year": 2015})
    pid = platform.begun(job)
    platform.kill_all()
    platform.start()
    row = platform.row(job)
    assert (row.status, row.attempt, row.pid) == ("running", 1, pid)
    # It counts as one of those that run: nothing is started beside it. Nor is it out of reach.
    assert platform.row(waiting).attempt == 0
    requests.delete(f"{platform.url}/jobs/{job}", timeout=30)
    until(lambda: not alive.same(pid, row.birth), 60, "the adopted process to be gone")
    assert platform.ended(waiting)["status"] == "successful"


def test_a_job_outlives_its_server_and_ends_once(make_platform: Make) -> None:
    platform = make_platform()
    job = platform.submit("sst-anomaly", SLOW)
    platform.begun(job)
    assert platform.process is not None
    (worker,) = children(platform.process.pid)
    platform.stop(signal.SIGKILL)
    # The worker notices within a second that its master is gone, and the next server waits for it.
    platform.start(until_answers=False)
    until(lambda: alive.birth(worker) is None, 60, "the old worker to be gone")
    until(platform.answers, 60, "the new server to answer")
    assert platform.ended(job)["status"] == "successful"
    assert platform.row(job).attempt == 1


def test_jobs_that_died_with_the_server_run_again(
    make_platform: Make, bystander: "subprocess.Popen[bytes]"
) -> None:
    platform = make_platform("--parallel-jobs", "3")
    killed, taken, unborn = (platform.submit("sst-anomaly", VERY_SLOW) for _ in range(3))
    pids = [platform.begun(job) for job in (killed, taken, unborn)]
    platform.kill_all()
    for job in (killed, taken, unborn):
        hurry(platform, job)
    for pid in pids:
        os.killpg(pid, signal.SIGKILL)
    # Another process got the number since.
    forge(platform, taken, "pid", bystander.pid)
    # As if the server had died between taking the job and starting its process.
    forge(platform, unborn, "pid", None)
    platform.start()
    for job in (killed, taken, unborn):
        assert platform.ended(job)["status"] == "successful"
        row = platform.row(job)
        assert (row.attempt, row.failures) == (2, 1)
        assert row.outputs["anomaly"]["file"].startswith("2/")
        assert platform.get(f"/jobs/{job}/results/anomaly").content.startswith(b"\x89HDF")
    assert bystander.poll() is None


def test_a_clean_stop_leaves_nothing_behind_and_loses_nothing(make_platform: Make) -> None:
    platform = make_platform("--parallel-jobs", "2")
    client = waiting_client(platform)
    job = platform.submit("sst-anomaly", VERY_SLOW)
    stopped(platform, job, 1, signal.SIGTERM)
    # It was told where its job is, and the job waits with the other.
    assert client.communicate(timeout=60)[0] == b"201\n"
    platform.start()
    stopped(platform, job, 2, signal.SIGINT)
    hurry(platform, job)
    platform.start()
    assert platform.ended(job)["status"] == "successful"


def stopped(platform: PlatformServer, job: str, attempt: int, number: int) -> None:
    pid = platform.begun(job, attempt)
    born = platform.row(job).birth
    assert platform.stop(number) == 0
    assert not alive.same(pid, born)
    row = platform.row(job)
    assert (row.status, row.failures) == ("accepted", 0)


def waiting_client(platform: PlatformServer) -> "subprocess.Popen[bytes]":
    """Someone who waits for a long job must not hold up a stop."""
    command = [sys.executable, "-c", WAITING_CLIENT, platform.url]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    waits = "/jobs?processID=zonal-mean&status=accepted,running"
    until(lambda: platform.get(waits).json()["jobs"] != [], 60, "the client to wait")
    return client


WAITING_CLIENT = """
import requests, sys
inputs = {"year": 2015, "delay_seconds": 200}
url = f"{sys.argv[1]}/processes/zonal-mean/execution"
print(requests.post(url, json={"inputs": inputs}).status_code)
"""


def test_a_killed_job_is_tried_again_and_ends_well(platform: PlatformServer) -> None:
    job = platform.submit("sst-anomaly", VERY_SLOW)
    pid = platform.begun(job)
    hurry(platform, job)
    os.killpg(pid, signal.SIGKILL)
    assert platform.ended(job)["status"] == "successful"
    assert platform.row(job).attempt == 2


def test_a_job_killed_again_and_again_fails_and_says_so(platform: PlatformServer) -> None:
    job = platform.submit("sst-anomaly", VERY_SLOW)
    for attempt in (1, 2, 3):
        os.killpg(platform.begun(job, attempt), signal.SIGKILL)
    ended = platform.ended(job)
    assert ended["status"] == "failed"
    assert "killed or crashed" in ended["message"]
    assert "3 times" in ended["message"]
    results = platform.get(f"/jobs/{job}/results")
    assert results.status_code == 400
    assert results.json()["detail"] == ended["message"]


def test_a_late_process_of_an_earlier_attempt_changes_nothing(platform: PlatformServer) -> None:
    job = platform.submit("zonal-mean", VERY_SLOW)
    platform.begun(job)
    forge(platform, job, "attempt", 7)
    until(lambda: platform.row(job).attempt == 8, 60, "the job to be started again")
    platform.begun(job, attempt=8)
    late = subprocess.run(
        [sys.executable, "-m", "earthcode_processes.job", str(platform.data_dir), job, "1"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "no longer" in late.stdout
    assert platform.row(job).attempt == 8
    requests.delete(f"{platform.url}/jobs/{job}", timeout=30)


def test_a_directory_has_one_server(platform: PlatformServer) -> None:
    command = [sys.executable, "-m", "earthcode_processes", "--data-dir", str(platform.data_dir)]
    second = subprocess.run(
        [*command, "--port", "1", "--lock-seconds", "0"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert second.returncode == 1
    assert "Another server uses" in second.stderr


def test_a_killed_worker_is_replaced_and_its_jobs_go_on(platform: PlatformServer) -> None:
    job = platform.submit("sst-anomaly", SLOW)
    platform.begun(job)
    assert platform.process is not None
    (worker,) = children(platform.process.pid)
    os.kill(worker, signal.SIGKILL)
    until(lambda: children(platform.process.pid) not in ([], [worker]), 60, "a new worker")
    until(platform.answers, 60, "an answer")
    assert platform.ended(job)["status"] == "successful"
    assert platform.execute("zonal-mean", {"year": 2015}, ASYNC).status_code == 201


def children(pid: int) -> list[int]:
    """Those that live; proc_pid_stat(5): state and parent follow the name in parentheses."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if parent == str(pid) and state != "Z":
                found.append(int(path.parent.name))
    return found


def hurry(platform: PlatformServer, job: str) -> None:
    """What a later attempt is told; the one under way waits on, however long a test takes."""
    forge(platform, job, "inputs", json.dumps(platform.row(job).inputs | {"delay_seconds": 0}))


def forge(platform: PlatformServer, job: str, column: str, value: object) -> None:
    with sqlite3.connect(folders.database(platform.data_dir), timeout=10) as connection:
        connection.execute(f"update job set {column} = ? where identifier = ?", (value, job))
    connection.close()

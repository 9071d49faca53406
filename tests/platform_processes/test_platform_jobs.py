import os
from collections.abc import Callable

import requests
from earthcode_processes import folders
from owslib.ogcapi.processes import Processes

from tests.platform_processes.platform_server import ASYNC, ENDED, PlatformServer, until

YEAR = {"year": 2015}
VERY_SLOW = {"year": 2015, "delay_seconds": 200}


def test_dismissal_ends_the_process_and_keeps_the_job(platform: PlatformServer) -> None:
    job = platform.submit("sst-anomaly", VERY_SLOW)
    pid = platform.begun(job)
    dismissed = dismiss(platform, job)
    assert dismissed.status_code == 200
    assert dismissed.headers["Content-Type"] == "application/json"
    assert dismissed.json()["status"] == "dismissed"
    until(lambda: gone(pid), 60, "the process to be gone")
    assert platform.status(job)["status"] == "dismissed"
    assert platform.get(f"/jobs/{job}/results").status_code == 410
    assert platform.get(f"/jobs/{job}/results/anomaly").status_code == 410


def test_a_job_that_waits_can_be_dismissed_and_never_runs(narrow_platform: PlatformServer) -> None:
    first = narrow_platform.submit("zonal-mean", VERY_SLOW)
    narrow_platform.begun(first)
    waiting = narrow_platform.submit("zonal-mean", YEAR)
    assert "started" not in narrow_platform.status(waiting)
    for job in (waiting, first):
        dismiss(narrow_platform, job)
    last = narrow_platform.submit("zonal-mean", YEAR)
    assert narrow_platform.ended(last)["status"] == "successful"
    assert narrow_platform.row(waiting).attempt == 0


def test_deleting_what_has_ended_forgets_it(platform: PlatformServer) -> None:
    job = platform.submit("zonal-mean", YEAR)
    platform.ended(job)
    assert folders.job(platform.data_dir, job).is_dir()
    assert dismiss(platform, job).status_code == 200
    assert platform.get(f"/jobs/{job}").json()["type"].endswith("no-such-job")
    assert dismiss(platform, job).status_code == 404
    assert not folders.job(platform.data_dir, job).exists()


def test_results_are_not_ready_before_the_end(platform: PlatformServer) -> None:
    job = platform.submit("zonal-mean", VERY_SLOW)
    for path in (f"/jobs/{job}/results", f"/jobs/{job}/results/zonal_mean"):
        answer = platform.get(path)
        assert answer.status_code == 404
        assert answer.json()["type"].endswith("/result-not-ready")
    dismiss(platform, job)


def test_progress_grows(platform: PlatformServer) -> None:
    job = platform.submit("zonal-mean", {"year": 2015, "delay_seconds": 4})
    seen: list[int] = []

    def ended() -> bool:
        status = platform.status(job)
        seen.append(status["progress"])
        return status["status"] in ENDED

    until(ended, 120, "the job to end")
    assert seen == sorted(seen)
    assert {0, 100} < set(seen)


def test_the_list_has_pages_and_filters(platform: PlatformServer) -> None:
    years = (2001, 2002, 2003, 2004)
    inputs = [{"year": year, "marker": f"run:{year}"} for year in years]
    jobs = [platform.submit("threshold-class-map", {**each, "month": 1}) for each in inputs]
    for job in jobs:
        platform.ended(job)
    slow = platform.submit("sst-anomaly", VERY_SLOW)
    assert pages(platform, "/jobs?limit=2")[:5] == [slow, *reversed(jobs)]
    ended = pages(platform, "/jobs?limit=3&status=successful&processID=threshold-class-map")
    assert ended[:4] == list(reversed(jobs))
    assert pages(platform, "/jobs?processID=sst-anomaly&status=accepted,running") == [slow]
    assert pages(platform, "/jobs?marker=run:2002") == [jobs[1]]
    assert platform.status(jobs[0])["parameters"]["marker"] == "run:2001"
    dismiss(platform, slow)


def pages(platform: PlatformServer, path: str) -> list[str]:
    found: list[str] = []
    url: str | None = platform.url + path
    while url:
        page = requests.get(url, timeout=30).json()
        found += [job["jobID"] for job in page["jobs"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    return found


def test_twenty_four_jobs_at_once_all_end_well(platform: PlatformServer) -> None:
    kinds = [
        ("sst-anomaly", {"year": 2015}),
        ("zonal-mean", YEAR),
        ("threshold-class-map", {"year": 2015, "month": 8}),
    ]
    jobs = [platform.submit(*kinds[number % 3]) for number in range(24)]
    statuses = [platform.ended(job, 240)["status"] for job in jobs]
    assert statuses == ["successful"] * 24
    assert {platform.row(job).attempt for job in jobs} == {1}
    digests = {str(platform.row(job).outputs) for job in jobs}
    assert len(digests) == 3


def test_more_jobs_than_may_wait_are_refused(narrow_platform: PlatformServer) -> None:
    jobs = [narrow_platform.submit("zonal-mean", VERY_SLOW)]
    narrow_platform.begun(jobs[0])
    jobs += [narrow_platform.submit("zonal-mean", VERY_SLOW) for _ in range(3)]
    assert narrow_platform.execute("zonal-mean", YEAR, ASYNC).status_code == 503
    for job in reversed(jobs):
        dismiss(narrow_platform, job)


def test_a_job_that_takes_too_long_is_stopped(make_platform: Callable[..., PlatformServer]) -> None:
    platform = make_platform("--job-seconds", "8")
    job = platform.submit("zonal-mean", VERY_SLOW)
    pid = platform.begun(job)
    ended = platform.ended(job)
    assert ended["status"] == "failed"
    assert "longer than the 8 s" in ended["message"]
    assert "longer than the 8 s" in platform.get(f"/jobs/{job}/results").json()["detail"]
    until(lambda: gone(pid), 60, "the process to be gone")


def test_owslib_finds_runs_and_reads(platform: PlatformServer) -> None:
    client = Processes(platform.url)
    assert "sst-anomaly" in [process["id"] for process in client.processes()]
    assert client.process("zonal-mean")["inputs"]["year"]["schema"]["type"] == "integer"
    document = client.execute("zonal-mean", YEAR)
    assert document["zonal_mean"]["mediaType"] == "text/csv"
    told = client.execute("zonal-mean", YEAR, async_=True)
    assert platform.ended(told["jobID"])["status"] == "successful"


def dismiss(platform: PlatformServer, job: str) -> requests.Response:
    return requests.delete(f"{platform.url}/jobs/{job}", timeout=30)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False

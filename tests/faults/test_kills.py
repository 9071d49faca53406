"""kill -9 of every process while the demonstration runs: nothing lost, nothing done twice.

The supervisor restarts what died. Each round kills its processes one after the other, at
different steps of the demonstration, as soon as the step shows.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.running import Federation, running

pytestmark = pytest.mark.faults
ENTITIES = [
    ("project", "sst-anomalies-demonstration"),
    ("workflow", "sst-anomaly-workflow"),
    ("product", "sst-anomaly-2020"),
    ("product", "sst-anomaly-2016"),
    ("experiment", "sst-anomaly-2020-experiment"),
    ("experiment", "sst-anomaly-2016-experiment"),
]
# A state may be over before it is seen: the first of these that shows.
RUNS = "queued|running|collecting|comparing"
# What the demonstration prints -> what is killed at that moment.
ROUNDS = {
    "publisher": {
        "submission": ["publisher"],
        "checked:": ["publisher-worker"],
        "is run again": ["publisher", "publisher-worker"],
    },
    "projections": {
        "checked:": ["catalog-api-worker", "records-api-worker"],
        "published:": ["catalog-api", "records-api"],
    },
    "runs": {
        "plan:": ["reproducer-worker"],
        RUNS: ["reproducer-worker", "reproducer"],
        "verdict:": ["processes"],
    },
    "platform": {"plan:": ["processes"], RUNS: ["processes", "reproducer-worker"]},
    "servers": {
        "submission": ["nats"],
        "checked:": ["postgres"],
        RUNS: ["postgres", "nats"],
    },
    "door": {"submission": ["auth-gateway"], RUNS: ["auth-gateway", "oidc"]},
}


@pytest.fixture(scope="module")
def killed(scratch: Path) -> Iterator[Federation]:
    with running(scratch / "killed") as made:
        first = made.run("demo")
        assert first.returncode == 0, first.stdout + first.stderr
        yield made


@pytest.mark.parametrize("round", ROUNDS)
def test_the_demonstration_survives(killed: Federation, round: str) -> None:
    before = {entity: len(versions(killed, *entity)) for entity in ENTITIES}
    runs = {run["id"] for run in all_runs(killed)}
    plan = {words: list(names) for words, names in ROUNDS[round].items()}
    words = [sys.executable, "-u", "-m", "earthcode_local", "demo"]
    shown: list[str] = []
    with subprocess.Popen(
        words,
        env=killed.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            shown.append(line)
            for key in [key for key in plan if any(w in line for w in key.split("|"))]:
                for name in plan.pop(key):
                    kill(killed, name)
    text = "".join(shown)
    assert demo.returncode == 0, text
    assert not plan, f"never came to {list(plan)}:\n{text}"
    assert "sst-anomaly-2020: identical" in text
    assert "sst-anomaly-2016: different" in text

    for entity in ENTITIES:
        assert len(versions(killed, *entity)) == before[entity] + 1, entity
    fresh = [run for run in all_runs(killed) if run["id"] not in runs]
    assert len(fresh) == 2
    for run in fresh:
        ended_once(killed, run["id"])


def kill(federation: Federation, name: str) -> None:
    pid = federation.processes()[name]["pid"]
    if pid:
        os.kill(pid, signal.SIGKILL)


def versions(federation: Federation, kind: str, id: str) -> list[Any]:
    answer = httpx2.get(f"{federation.url}/publish/entities/{kind}/{id}/versions", timeout=60)
    return list(answer.raise_for_status().json()["versions"])


def all_runs(federation: Federation) -> list[dict[str, Any]]:
    answer = httpx2.get(f"{federation.url}/reproduce/runs?limit=100", timeout=60)
    return list(answer.raise_for_status().json()["runs"])


def ended_once(federation: Federation, run: str) -> None:
    found = httpx2.get(f"{federation.url}/reproduce/runs/{run}", timeout=60).json()
    states = [transition["state"] for transition in found["transitions"]]
    assert states.count("done") == 1, states
    assert states[-1] == "done"
    platform = next(
        p
        for p in httpx2.get(f"{federation.url}/reproduce/platforms", timeout=60).json()["platforms"]
    )
    jobs = httpx2.get(f"{platform['url']}/jobs?marker=earthcode:{run}", timeout=60).json()["jobs"]
    assert len(jobs) == 1, "one run, one job"

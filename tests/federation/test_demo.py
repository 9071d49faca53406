"""The demonstration ends with its two verdicts, and every object it names can be fetched."""

import re
import time

import httpx2
import pytest

from tests.running import Federation


@pytest.fixture(scope="module")
def shown(federation: Federation) -> str:
    done = federation.run("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_ends_with_identical_and_different(shown: str) -> None:
    assert "sst-anomaly-2020: identical" in shown
    assert "sst-anomaly-2016: different" in shown
    assert re.search(r"RMSE 0\.\d+", shown)


def test_everything_it_names_can_be_fetched(federation: Federation, shown: str) -> None:
    addresses = set(re.findall(rf"{re.escape(federation.url)}/\S+", shown))
    assert len(addresses) >= 14
    steward = federation.headers("steward")
    for address in addresses:
        headers = steward if "/submissions/" in address else {}
        answer = httpx2.get(address, headers=headers, timeout=60)
        assert answer.status_code == 200, address
        assert answer.json()


def test_a_reproduction_is_linked_in_both_directions(federation: Federation, shown: str) -> None:
    record = re.search(r"\S+/collections/reproductions/items/\S+", shown)
    assert record

    def links(address: str) -> set[str]:
        return {link["href"] for link in httpx2.get(address, timeout=60).json()["links"]}

    product = f"{federation.url}/stac/collections/sst-anomaly-2020"
    items = f"{federation.url}/records/collections/experiments/items"
    experiment = f"{items}/sst-anomaly-2020-experiment"
    assert {product, experiment} <= links(record[0])
    deadline = time.monotonic() + 60  # each of the services learns of it in its own time
    while not all(record[0] in links(address) for address in (product, experiment)):
        assert time.monotonic() < deadline, "it is not linked from both"
        time.sleep(0.1)


def test_nobody_approves_their_own_submission(federation: Federation) -> None:
    steward = federation.headers("steward")
    theme = {
        "type": "Catalog",
        "id": "own-theme",
        "stac_version": "1.0.0",
        "title": "Own theme",
        "description": "Pushed and approved by the same person",
        "links": [],
    }
    body = {"title": "Mine", "members": [{"kind": "theme", "document": theme}]}
    with httpx2.Client(base_url=federation.url, headers=steward, timeout=60) as client:
        made = client.post("/publish/submissions", json=body).json()
        path = f"/publish/submissions/{made['id']}"
        client.post(f"{path}/actions/submit", json={}).raise_for_status()
        deadline = time.monotonic() + 60
        while (seen := client.get(path).json())["state"] in ("draft", "checking"):
            assert time.monotonic() < deadline, "it was not checked in time"
            time.sleep(0.1)
        answer = client.post(f"{path}/actions/approve", json={"revision": seen["revision"]})
    assert answer.status_code == 403, answer.text
    path = f"{federation.url}/publish/entities/theme/own-theme"
    assert httpx2.get(path, timeout=60).status_code == 404

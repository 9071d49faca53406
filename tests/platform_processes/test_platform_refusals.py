from typing import Any

import pytest
import requests

from tests.platform_processes.platform_server import PlatformServer

INPUTS: list[tuple[str, Any, str]] = [
    ("sst-anomaly", {}, "year: is required"),
    ("sst-anomaly", [], "inputs: must be an object"),
    ("sst-anomaly", None, "inputs: must be an object"),
    ("sst-anomaly", {"year": 1900}, "year: 1900 is less than the minimum of 1981"),
    ("sst-anomaly", {"year": "2015"}, "year: '2015' is not of type 'integer'"),
    ("sst-anomaly", {"year": True}, "year: True is not of type"),
    ("sst-anomaly", {"year": 2015.5}, "year: 2015.5 is not of type"),
    ("sst-anomaly", {"year": 2015, "yaer": 1}, "yaer: is not an input of this process"),
    ("sst-anomaly", {"year": 2015, "sst_offset": float("nan")}, "sst_offset: must be finite"),
    ("sst-anomaly", {"year": 2015, "delay_seconds": 1e9}, "greater than the maximum of 300"),
    ("sst-anomaly", {"year": 2015, "marker": "<script>"}, "marker: '<script>' does not match"),
    ("sst-anomaly", {"year": 2015, "marker": "a\n"}, "marker: "),
    ("sst-anomaly", {"year": {"href": "http://127.0.0.1/"}}, "by reference are not supported"),
    (
        "sst-anomaly",
        {"year": 2015, "baseline_start": 2001, "baseline_end": 2000},
        "baseline_start: is after baseline_end",
    ),
    ("zonal-mean", {"year": 2015, "band_height": 7}, "band_height: 7 is not one of"),
    ("threshold-class-map", {"year": 2015}, "month: is required"),
    ("threshold-class-map", {"year": 2015, "month": 1, "thresholds": [2, 1]}, "must ascend"),
    ("threshold-class-map", {"year": 2015, "month": 1, "thresholds": []}, "non-empty"),
    (
        "threshold-class-map",
        {"year": 2015, "month": 1, "thresholds": [1, "2"]},
        "thresholds.1: '2' is not of type 'number'",
    ),
]


@pytest.mark.parametrize(("process", "inputs", "message"), INPUTS)
def test_wrong_inputs_are_refused_and_named(
    platform: PlatformServer, process: str, inputs: Any, message: str
) -> None:
    answer = platform.execute(process, inputs, {"Prefer": "respond-async"})
    assert answer.status_code == 400, answer.text
    assert message in answer.json()["detail"]


def test_all_that_is_wrong_is_named_at_once(platform: PlatformServer) -> None:
    answer = platform.execute("sst-anomaly", {"year": 1, "sst_scale": 9, "x": 0}).json()
    assert all(name in answer["detail"] for name in ("year", "sst_scale", "x: is not an input"))


@pytest.mark.parametrize(
    "request_",
    [
        {"outputs": {"nope": {}}},
        {"outputs": ["anomaly"]},
        {"outputs": {"anomaly": "value"}},
        {"outputs": {"anomaly": {"transmissionMode": "mail"}}},
        {"outputs": {"anomaly": {"format": {"mediaType": "image/png"}}}},
        {"response": "page"},
        {"subscriber": {"successUri": "http://127.0.0.1:1/"}},
    ],
)
def test_wrong_wishes_are_refused(platform: PlatformServer, request_: dict[str, Any]) -> None:
    answer = platform.execute("sst-anomaly", {"year": 2015}, **request_)
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("body", ["", "{", "null", "[]", "1", "[" * 20000, b"\xff\xfe{}"])
def test_a_body_that_is_no_object_is_refused(platform: PlatformServer, body: str) -> None:
    url = f"{platform.url}/processes/sst-anomaly/execution"
    assert requests.post(url, data=body, timeout=30).status_code == 400


def test_a_large_body_is_refused(platform: PlatformServer) -> None:
    url = f"{platform.url}/processes/sst-anomaly/execution"
    assert requests.post(url, data=b" " * 300_000, timeout=30).status_code == 413


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/jobs/nope", 404),
        ("/jobs/nope/results", 404),
        ("/jobs/nope/results/anomaly", 404),
        ("/jobs?limit=0", 400),
        ("/jobs?limit=many", 400),
        ("/jobs?offset=-1", 400),
        ("/jobs?status=lost", 400),
        ("/nope", 404),
    ],
)
def test_what_is_not_there_is_told_in_json(
    platform: PlatformServer, path: str, status: int
) -> None:
    answer = platform.get(path)
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_a_number_beyond_all_bounds_is_no_error(platform: PlatformServer) -> None:
    answer = platform.get(f"/jobs?offset={10**30}&limit={10**30}")
    assert answer.status_code == 200
    assert answer.json()["jobs"] == []


def test_strangers_words_do_not_become_markup(platform: PlatformServer) -> None:
    inputs = {"year": 2015, "<script>alert(1)</script>": 1}
    answer = platform.execute("sst-anomaly", inputs, {"Accept": "text/html"})
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text

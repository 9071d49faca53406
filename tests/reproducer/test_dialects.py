"""What servers really send, read one answer at a time."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reproducer.clients import dialects, results
from reproducer.clients.results import Reference, Value
from reproducer.domain.answers import Description, Job
from reproducer.domain.pairing import pair_outputs
from reproducer.domain.redaction import redacted

ASKED = "http://x.org/api/processes/p/execution"
URL = "http://x.org/api/jobs/7"
STATUS = "http://x.org/status?job=7"


@pytest.mark.parametrize(
    ("location", "body", "job"),
    [
        (URL, None, Job("7", URL)),
        ("/api/jobs/7", {}, Job("7", URL)),
        ("../../../api/jobs/7", None, Job("7", URL)),
        (None, {"jobID": "7"}, Job("7", URL)),
        (None, {"id": 7}, Job("7", URL)),
        (None, {"links": [{"rel": "monitor", "href": "/api/jobs/7"}]}, Job("7", URL)),
        (
            None,
            {"id": "7", "links": [{"rel": "self", "href": f"{URL}?f=x"}]},
            Job("7", f"{URL}?f=x"),
        ),
        (STATUS, None, Job(STATUS, STATUS)),
        (None, {"links": [{"rel": "self", "href": "http://["}]}, None),
        (None, None, None),
        (None, {"links": [{"rel": "self", "href": "/processes/p"}]}, None),
        (None, [1], None),
    ],
)
def test_the_job_is_found_in_the_answer(location: Any, body: Any, job: Any) -> None:
    assert dialects.job_reference(ASKED, location, body) == job


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("accepted", "queued"),
        ("ProcessAccepted", "queued"),
        ("Running", "running"),
        ("ProcessSucceeded", "succeeded"),
        ("successful", "succeeded"),
        ("dismissed", "cancelled"),
        ("canceled", "cancelled"),
        ("executor_error", "failed"),
        ("sleeping", "unknown"),
        (None, "unknown"),
        ({}, "unknown"),
    ],
)
def test_words_for_states(word: Any, state: str) -> None:
    assert dialects.job_state(word) == state


@pytest.mark.parametrize(
    ("value", "progress"),
    [(50, 50), ("100", 100), (0.5, 0), (-3, 0), (1e9, 100), ("x", None), (None, None)],
)
def test_progress(value: Any, progress: int | None) -> None:
    assert dialects.read_progress(value) == progress


NAMES = frozenset({"a", "b"})


@pytest.mark.parametrize(
    ("document", "entries"),
    [
        ({"a": 5}, [Value("a", "application/json", b"5")]),
        ({"a": {"value": "hi", "mediaType": "text/csv"}}, [Value("a", "text/csv", b"hi")]),
        (
            {"a": {"value": "aGk=", "encoding": "base64", "mediaType": "image/tiff"}},
            [Value("a", "image/tiff", b"hi")],
        ),
        ({"a": {"href": "/f", "type": "x/y"}}, [Reference("a", "x/y", "http://x.org/f")]),
        ({"a": [{"href": "f1"}, {"href": "f2"}]}, 2),
        ({"outputs": [{"id": "a", "value": 1}]}, [Value("a", "application/json", b"1")]),
        ({"outputs": {"a": 1, "b": 2}}, 2),
        (
            [{"id": "a", "value": {"z": 1, "y": 2}}],
            [Value("a", "application/json", b'{"y":2,"z":1}')],
        ),
        ({"id": "a", "value": 3}, [Value("a", "application/json", b"3")]),
        ({"a": 1, "links": []}, 1),
    ],
)
def test_results_documents(document: Any, entries: Any) -> None:
    found = results.read_results("http://x.org/jobs/7/results", document, NAMES)
    assert (len(found) if isinstance(entries, int) else found) == entries


def test_the_only_output_may_be_sent_raw() -> None:
    feature = {"type": "FeatureCollection", "features": []}
    (found,) = results.read_results(ASKED, feature, frozenset({"a"}))
    assert isinstance(found, Value)
    assert (found.name, found.content) == ("a", b'{"features":[],"type":"FeatureCollection"}')


def test_base64_that_is_none() -> None:
    with pytest.raises(results.UnreadableResults):
        results.read_results(ASKED, {"a": {"value": "%%", "encoding": "base64"}}, NAMES)


def test_results_in_a_link_header() -> None:
    header = '<http://x.org/f1>; rel="a"; type="image/tiff", <f2>; title=b'
    found = results.read_link_header(ASKED, header, NAMES)
    assert [(f.name, f.media_type) for f in found] == [("a", "image/tiff"), ("b", None)]


def test_job_lists() -> None:
    document = {
        "jobs": [
            {"jobID": "1", "processID": "p", "created": "2026-01-01T00:00:00Z"},
            {"id": "2", "created": "2026-01-01T00:00:00", "parameters": {"a": 1}},
            {"id": "3", "request": {"inputs": {"b": 2}}},
            {"status": "running"},
            7,
        ]
    }
    first, second, third = dialects.read_jobs("http://x.org/jobs?limit=1", document)
    assert first.job == Job("1", "http://x.org/jobs/1")
    assert first.created == second.created == datetime(2026, 1, 1, tzinfo=UTC)
    assert (first.inputs, second.inputs, third.inputs) == (None, {"a": 1}, {"b": 2})


def test_descriptions_in_both_forms() -> None:
    new = {"inputs": {"a": {}}, "outputs": {"b": {}}, "outputTransmission": ["value", "reference"]}
    old = {"inputs": [{"id": "a"}], "outputs": [{"id": "b"}], "outputTransmission": "reference"}
    expected = Description(frozenset({"a"}), frozenset({"b"}), True)
    assert dialects.read_description(new) == dialects.read_description(old) == expected


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(max_size=10)
    | st.just("http://["),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "jobID", "value", "href", "links", "a", "jobs", "status", "rel"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(JSON)
def test_no_json_breaks_the_readers(document: Any) -> None:
    dialects.job_reference(ASKED, None, document)
    dialects.read_jobs(ASKED, document)
    dialects.message_of(document)
    dialects.next_page(ASKED, document)
    with contextlib.suppress(results.UnreadableResults):
        results.read_results(ASKED, document, NAMES)
    if isinstance(document, dict):
        dialects.read_status(document)
        dialects.read_description(document)


def test_outputs_are_paired_by_name_then_by_type() -> None:
    expected = [{"name": "x", "media_type": "text/csv"}, {"name": "y", "media_type": "image/tiff"}]
    assert pair_outputs(expected, {"x": "text/csv", "y": "a/b"}) == {"x": "x", "y": "y"}
    assert pair_outputs(expected, {"x": "text/csv", "map": "image/tiff; a=b"}) == {
        "x": "x",
        "y": "map",
    }
    two = {"x": "text/csv", "m1": "image/tiff", "m2": "image/tiff"}
    assert pair_outputs(expected, two) == {"x": "x", "y": None}


def test_secrets_are_redacted_at_any_depth() -> None:
    told = {"access-key": "A", "nested": [{"secret_key": "B", "year": 1}], "monkey": 2}
    assert redacted(told) == {
        "access-key": "[redacted]",
        "nested": [{"secret_key": "[redacted]", "year": 1}],
        "monkey": 2,
    }

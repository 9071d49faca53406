"""A fuzzer reads each OpenAPI document and sends what nobody expects: never a 5xx.

On a federation of its own, as nobody and as a steward, so that writes are reached too.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.profile import NAME, examples
from tests.running import Federation, running

DOORS = ("stac", "records", "publish", "reproduce")
CASES = str(examples(12))
# Server-sent events never end, and the fuzzer does not write newline-delimited JSON (see UGLY).
UNSPOKEN = "/events$|/bulk_items$"


@pytest.fixture(scope="module")
def fuzzed(scratch: Path) -> Iterator[Federation]:
    with running(scratch / "fuzzed") as made:
        assert made.run("demo").returncode == 0
        yield made


@pytest.mark.parametrize("role", [None, "steward"])
@pytest.mark.parametrize("door", DOORS)
def test_no_input_breaks_a_service(fuzzed: Federation, door: str, role: str | None) -> None:
    words = ["--checks", "not_a_server_error", "--max-examples", CASES]
    words += ["--seed", "7"] if NAME == "quick" else []
    words += ["--url", fuzzed.url, "--request-timeout", "60", "--phases", "examples,fuzzing"]
    words += ["--suppress-health-check", "all", "--exclude-path-regex", UNSPOKEN]
    if role:
        words += ["-H", f"Authorization: Bearer {fuzzed.token(role)}"]
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "run", f"{fuzzed.url}/{door}/api", *words],
        capture_output=True,
        text=True,
        timeout=900 if NAME == "quick" else 7200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "No issues found" in done.stdout or "passed" in done.stdout, done.stdout[-2000:]


UGLY = [
    ("POST", "/stac/search", b"{"),
    ("POST", "/stac/search", b"[]"),
    ("POST", "/stac/search", b"null"),
    ("POST", "/stac/search", b'{"bbox": ["a", 1, 2, 3]}'),
    ("POST", "/stac/search", b'{"intersects": {"type": "Point", "coordinates": []}}'),
    ("POST", "/stac/search", b"[" * 100_000),
    ("GET", "/stac/search?bbox=nan,0,1,1", None),
    ("GET", "/stac/search?bbox=1,2,3", None),
    ("GET", "/stac/search?datetime=yesterday", None),
    ("GET", "/stac/search?token=forged", None),
    ("GET", "/stac/search?limit=-1", None),
    ("GET", "/stac/search?nonsense=1", None),
    ("GET", "/stac/collections/none-such", None),
    ("GET", "/records/collections/none-such/items", None),
    ("GET", "/records/collections/workflows/items?bbox=inf,0,1,1", None),
    ("GET", "/records/collections/workflows/items?nonsense=1", None),
    ("GET", "/records/collections/workflows/items/none-such", None),
    ("GET", "/publish/entities/planet/x", None),
    ("GET", "/publish/entities/product/none-such", None),
    ("POST", "/publish/validate", b"{"),
    ("POST", "/publish/validate", b'{"members": 3}'),
    ("POST", "/publish/submissions", b"{}"),
    ("POST", "/publish/imports", b"{}"),
    ("GET", "/publish/submissions", None),
    ("POST", "/reproduce/runs", b'{"experiment": "x"}'),
    ("GET", "/reproduce/runs/none-such", None),
    ("GET", "/reproduce/experiments/none-such/plan", None),
    ("PUT", "/stac/collections/x/items/y", b"{}"),
    ("DELETE", "/stac/collections/x/items/y", None),
    ("POST", "/publish/validate", b"x" * (60 * 1024 * 1024)),
]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [pytest.param(*u, id=f"{u[0]} {u[1]} {str(u[2])[:30]}") for u in UGLY],
)
def test_ugly_requests_get_a_problem_that_says_what(
    fuzzed: Federation, method: str, path: str, body: bytes | None
) -> None:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    answer = httpx2.request(method, fuzzed.url + path, content=body, headers=headers, timeout=120)
    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert len(problem["detail"]) > 10


@pytest.mark.parametrize(
    "lines",
    [b"{", b"[]", b"null\n\n", b"\xff\xfe", b'{"type": "Feature", "id": 7}', b"[" * 100_000],
)
def test_ugly_lines_are_reported_one_by_one(fuzzed: Federation, lines: bytes) -> None:
    path = f"{fuzzed.url}/stac/collections/sst-anomaly-2020/bulk_items"
    headers = fuzzed.headers("platform") | {"Content-Type": "application/x-ndjson"}
    answer = httpx2.post(path, content=lines, headers=headers, timeout=120)
    assert answer.status_code < 500, answer.text
    body = answer.json()
    assert answer.status_code >= 400 or body["errors"]


@pytest.mark.parametrize("token", ["x.y.z", "a" * 5000, "."])
def test_a_foreign_token_is_refused(fuzzed: Federation, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx2.post(f"{fuzzed.url}/publish/submissions", json={}, headers=headers, timeout=60)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")

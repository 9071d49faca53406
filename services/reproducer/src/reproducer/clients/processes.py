"""OGC API Processes, spoken tolerantly (research and rules: docs/extend/platforms.md).

Every function answers in the words of ``domain.answers`` and raises nothing for what a server or
a network may do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import orjson
from earthcode_common.http import AddressRefused, Outbound
from earthcode_common.problems import BadGateway

from reproducer.clients import dialects, results
from reproducer.clients.downloads import Unavailable, Unobtainable, download
from reproducer.domain.answers import (
    Accepted,
    Denied,
    DescribeAnswer,
    Description,
    DismissAnswer,
    Job,
    ListedJob,
    Missing,
    NotReady,
    NotSent,
    PostAnswer,
    Produced,
    Refused,
    Results,
    ResultsAnswer,
    SearchAnswer,
    StatusAnswer,
    Trouble,
    Unanswered,
)

MAX_INLINE = 64 * 1024 * 1024
MAX_LIST_PAGES = 20
BINARY = "application/octet-stream"
JSON_HEADERS = {"Accept": "application/json"}
FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, BadGateway, AddressRefused, UnicodeError)
# Before the connection is there, nothing can have been sent.
NOT_CONNECTED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, AddressRefused)


@dataclass(frozen=True)
class Server:
    """A platform as it is talked to; ``headers`` hold its credentials."""

    http: Outbound
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    max_output: int = 512 * 1024 * 1024
    post_seconds: float = 60

    def headers_for(self, url: str) -> dict[str, str]:
        """Credentials go to the platform alone, not to where its links may lead."""
        same = urlsplit(url)[:2] == urlsplit(self.url)[:2]
        return JSON_HEADERS | (dict(self.headers) if same else {})


async def describe(server: Server, process: str) -> DescribeAnswer:
    answer = await _get(server, f"{server.url}/processes/{quote(process, safe='')}")
    if isinstance(answer, Trouble):
        return answer
    if answer.status_code in (404, 410):
        return Missing(_detail(answer))
    if answer.status_code in (401, 403):
        return Denied(_detail(answer))
    document = _json(answer)
    if answer.status_code != 200 or not isinstance(document, dict):
        return _trouble(answer)
    return dialects.read_description(document)


async def execute(
    server: Server, process: str, inputs: Mapping[str, Any], known: Description, folder: Path
) -> PostAnswer:
    """The only POST. It is sent once; what cannot be told from the answer is ``Unanswered``."""
    url = f"{server.url}/processes/{quote(process, safe='')}/execution"
    try:
        response = await server.http.request(
            "POST",
            url,
            content=orjson.dumps(execution_request(inputs, known)),
            headers=server.headers_for(url)
            # Alone in its header: some servers run synchronously when anything stands beside it.
            | {"Prefer": "respond-async", "Content-Type": "application/json"},
            timeout=httpx2.Timeout(server.post_seconds, connect=10),
            follow_redirects=False,
            max_bytes=MAX_INLINE,
        )
    except NOT_CONNECTED as error:
        return NotSent(_of_error(error))
    except FAILURES as error:
        return Unanswered(_of_error(error))
    return await _post_answer(server, response, known, folder)


def execution_request(inputs: Mapping[str, Any], known: Description) -> dict[str, Any]:
    """Outputs are named only to have them by reference: an empty ``outputs`` means none."""
    request: dict[str, Any] = {"inputs": dict(inputs), "response": "document"}
    if known.by_reference and known.outputs:
        names = sorted(known.outputs)
        request["outputs"] = {name: {"transmissionMode": "reference"} for name in names}
    return request


async def _post_answer(
    server: Server, response: httpx2.Response, known: Description, folder: Path
) -> PostAnswer:
    status = response.status_code
    if status in (201, 202):
        return _accepted(response)
    if status in (200, 204):
        return await _at_once(server, response, known, folder)
    if status in (301, 302, 307, 308):
        to = response.headers.get("location", "another address")
        return Refused(f"it redirects to {dialects.clean(to)}; register that address instead")
    if status == 429:
        return NotSent(_detail(response), _retry_after(response))
    if 400 <= status < 500 and status != 408:
        return Refused(_detail(response))
    return Unanswered(_detail(response))


def _accepted(response: httpx2.Response) -> PostAnswer:
    body = _json(response)
    job = dialects.job_reference(str(response.url), response.headers.get("location"), body)
    if job is None:
        return Unanswered("the platform accepted, and did not say which job it is")
    word = body.get("status") if isinstance(body, dict) else None
    return Accepted(job, dialects.job_state(word) if word else "queued")


async def _at_once(
    server: Server, response: httpx2.Response, known: Description, folder: Path
) -> PostAnswer:
    """Some servers run at once whatever is preferred; some say 200 and mean 201."""
    body = _json(response)
    if isinstance(body, dict) and body.get("status") and ({"jobID", "id"} & set(body)):
        return _accepted(response)
    found = await _collect(server, response, known, folder)
    if isinstance(found, Results):
        return found
    if isinstance(found, Refused):
        return found
    # The job has been run; if the server kept it, it is in the list.
    return Unanswered(getattr(found, "detail", "the results could not be read"))


async def status(server: Server, job: Job) -> StatusAnswer:
    answer = await _get(server, job.url)
    if isinstance(answer, Trouble):
        return answer
    if answer.status_code in (404, 410):
        return Missing(_detail(answer))
    if answer.status_code in (401, 403):
        return Denied(_detail(answer))
    document = _json(answer)
    if answer.status_code != 200 or not isinstance(document, dict):
        return _trouble(answer)
    return dialects.read_status(document, _retry_after(answer))


async def search(server: Server, process: str, marker: str | None, since: datetime) -> SearchAnswer:
    """The platform's jobs since then, by its own filters where it has them (who has not, ignores
    them), newest pages first. ``marker``: the one that was sent, if the process takes one."""
    query = f"limit=100&processID={quote(process, safe='')}"
    query += f"&marker={quote(marker, safe='')}" if marker else ""
    found, asked = [], f"{server.url}/jobs?{query}"
    answer = await _get(server, asked)
    if isinstance(answer, httpx2.Response) and answer.status_code == 400:
        # A strict server refuses parameters that it does not know.
        asked = f"{server.url}/jobs"
        answer = await _get(server, asked)
    for _ in range(MAX_LIST_PAGES):
        if isinstance(answer, Trouble):
            return answer
        document = _json(answer)
        if answer.status_code != 200:
            return _trouble(answer)
        page = dialects.read_jobs(asked, document)
        found += page
        following = dialects.next_page(asked, document)
        if not page or not following or _is_older(page, since):
            return found
        asked = following
        answer = await _get(server, asked)
    return found


def _is_older(page: list[ListedJob], since: datetime) -> bool:
    return all(entry.created and entry.created < since for entry in page)


async def fetch_results(
    server: Server, job: Job, known: Description, folder: Path
) -> ResultsAnswer:
    """All outputs, each written to a file in ``folder``."""
    url = f"{job.url.rstrip('/')}/results"
    try:
        answer = await server.http.get(
            url, headers=server.headers_for(url), max_bytes=MAX_INLINE, tries=1
        )
    except BadGateway as error:
        return Refused(f"{error.detail}; a platform should send large results as references")
    except FAILURES as error:
        return Trouble(_of_error(error))
    if answer.status_code in (200, 204):
        return await _collect(server, answer, known, folder)
    detail = _detail(answer)
    if answer.status_code == 404 and _is_not_ready(answer):
        return NotReady()
    if answer.status_code in (404, 410):
        return Missing(detail)
    if 400 <= answer.status_code < 500 and answer.status_code not in (408, 429):
        return Refused(detail)
    return _trouble(answer)


def _is_not_ready(answer: httpx2.Response) -> bool:
    text = answer.text[:2000].lower().replace("-", "").replace(" ", "").replace("_", "")
    return "resultnotready" in text or "notready" in text


async def _collect(
    server: Server, response: httpx2.Response, known: Description, folder: Path
) -> ResultsAnswer:
    try:
        entries = _entries(response, known)
        return Results([await _write(server, entry, folder, n) for n, entry in enumerate(entries)])
    except results.UnreadableResults as error:
        return Refused(str(error))
    except Unobtainable as error:
        # A link may have expired, or lead to what is still being copied.
        return Refused(str(error)) if error.refused else Trouble(str(error))
    except Unavailable as error:
        return Trouble(str(error))


def _entries(response: httpx2.Response, known: Description) -> list[results.Entry]:
    asked, declared = str(response.url), known.outputs
    if response.status_code == 204:
        header = ", ".join(response.headers.get_list("link"))
        return list(results.read_link_header(asked, header, declared))
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        raise results.UnreadableResults("multipart results are not read; ask for a document")
    if kind == results.JSON or kind.endswith("+json"):
        return _json_entries(asked, response, declared)
    name = results.sole_name(declared)
    return [results.Value(name, kind or BINARY, response.content)]


def _json_entries(
    asked: str, response: httpx2.Response, declared: frozenset[str]
) -> list[results.Entry]:
    try:
        document = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise results.UnreadableResults("the results are said to be JSON and are not") from error
    return results.read_results(asked, document, declared)


async def _write(server: Server, entry: results.Entry, folder: Path, number: int) -> Produced:
    path = folder / f"output-{number}"
    if isinstance(entry, results.Value):
        path.write_bytes(entry.content)
        return Produced(entry.name, entry.media_type, path)
    headers = server.headers_for(entry.href) | {"Accept": "*/*"}
    found = await download(server.http, entry.href, path, server.max_output, headers)
    return Produced(entry.name, entry.media_type or found.media_type or BINARY, path)


async def dismiss(server: Server, job: Job) -> DismissAnswer:
    """Already gone, already ended, or not to be dismissed: nothing is left to stop."""
    try:
        response = await server.http.request("DELETE", job.url, headers=server.headers_for(job.url))
    except FAILURES as error:
        return Trouble(_of_error(error))
    if response.status_code < 300 or response.status_code in (404, 409, 410):
        return "dismissed"
    return _trouble(response)


async def _get(server: Server, url: str) -> httpx2.Response | Trouble:
    try:
        return await server.http.get(url, headers=server.headers_for(url), tries=1)
    except FAILURES as error:
        return Trouble(_of_error(error))


def _json(response: httpx2.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None


def _trouble(response: httpx2.Response) -> Trouble:
    return Trouble(_detail(response), _retry_after(response))


def _detail(response: httpx2.Response) -> str:
    said = dialects.message_of(_json(response))
    return f"status {response.status_code}{f', {said}' if said else ''}"


def _of_error(error: Exception) -> str:
    said = dialects.clean(str(getattr(error, "detail", "") or error))
    return said or type(error).__name__


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds, or a date (RFC 9110 section 10.2.3)."""
    given = response.headers.get("retry-after", "")
    if given.isdigit():
        return float(given[:6])
    try:
        return (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None

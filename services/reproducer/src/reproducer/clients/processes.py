"""OGC API Processes, spoken tolerantly (the rules: docs/extend/platforms.md).

Every function answers in the words of ``domain.answers`` and raises nothing for what a server or
a network may do.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import orjson
from earthcode_common.http import AddressRefused

from reproducer.clients import dialects
from reproducer.clients.collecting import MAX_INLINE, collect
from reproducer.clients.server import (
    FAILURES,
    Server,
    ask,
    detail_of,
    error_text,
    json_of,
    retry_after,
    trouble,
)
from reproducer.domain.answers import (
    Accepted,
    Denied,
    DescribeAnswer,
    Description,
    DismissAnswer,
    Job,
    ListedJob,
    Missing,
    NotSent,
    PostAnswer,
    Refused,
    Results,
    SearchAnswer,
    StatusAnswer,
    Trouble,
    Unanswered,
)

MAX_LIST_PAGES = 20
# Before the connection is there, nothing can have been sent.
NOT_CONNECTED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, AddressRefused)


async def describe(server: Server, process: str) -> DescribeAnswer:
    answer = await ask(server, f"{server.url}/processes/{quote(process, safe='')}")
    if isinstance(answer, Trouble):
        return answer
    if answer.status_code in (404, 410):
        return Missing(detail_of(answer))
    if answer.status_code in (401, 403):
        return Denied(detail_of(answer))
    document = json_of(answer)
    if answer.status_code != 200 or not isinstance(document, dict):
        return trouble(answer)
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
        return NotSent(error_text(error))
    except FAILURES as error:
        return Unanswered(error_text(error))
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
        return NotSent(detail_of(response), retry_after(response))
    if 400 <= status < 500 and status != 408:
        return Refused(detail_of(response))
    return Unanswered(detail_of(response))


def _accepted(response: httpx2.Response) -> PostAnswer:
    body = json_of(response)
    job = dialects.job_reference(str(response.url), response.headers.get("location"), body)
    if job is None:
        return Unanswered("the platform accepted, and did not say which job it is")
    word = body.get("status") if isinstance(body, dict) else None
    return Accepted(job, dialects.job_state(word) if word else "queued")


async def _at_once(
    server: Server, response: httpx2.Response, known: Description, folder: Path
) -> PostAnswer:
    """Some servers run at once whatever is preferred; some say 200 and mean 201."""
    body = json_of(response)
    if isinstance(body, dict) and body.get("status") and ({"jobID", "id"} & set(body)):
        return _accepted(response)
    found = await collect(server, response, known, folder)
    if isinstance(found, Results):
        return found
    if isinstance(found, Refused):
        return found
    # The job has been run; if the server kept it, it is in the list.
    return Unanswered(getattr(found, "detail", "the results could not be read"))


async def status(server: Server, job: Job) -> StatusAnswer:
    answer = await ask(server, job.url)
    if isinstance(answer, Trouble):
        return answer
    if answer.status_code in (404, 410):
        return Missing(detail_of(answer))
    if answer.status_code in (401, 403):
        return Denied(detail_of(answer))
    document = json_of(answer)
    if answer.status_code != 200 or not isinstance(document, dict):
        return trouble(answer)
    return dialects.read_status(document, retry_after(answer))


async def search(server: Server, process: str, marker: str | None, since: datetime) -> SearchAnswer:
    """The platform's jobs since then, by its own filters where it has them (who has not, ignores
    them), newest pages first. ``marker``: the one that was sent, if the process takes one."""
    query = f"limit=100&processID={quote(process, safe='')}"
    query += f"&marker={quote(marker, safe='')}" if marker else ""
    found, asked = [], f"{server.url}/jobs?{query}"
    answer = await ask(server, asked)
    if isinstance(answer, httpx2.Response) and answer.status_code == 400:
        # A strict server refuses parameters that it does not know.
        asked = f"{server.url}/jobs"
        answer = await ask(server, asked)
    for _ in range(MAX_LIST_PAGES):
        if isinstance(answer, Trouble):
            return answer
        document = json_of(answer)
        if answer.status_code != 200:
            return trouble(answer)
        page = dialects.read_jobs(asked, document)
        found += page
        following = dialects.next_page(asked, document)
        if not page or not following or _is_older(page, since):
            return found
        asked = following
        answer = await ask(server, asked)
    return found


def _is_older(page: list[ListedJob], since: datetime) -> bool:
    return all(entry.created and entry.created < since for entry in page)


async def dismiss(server: Server, job: Job) -> DismissAnswer:
    """Already gone, already ended, or not to be dismissed: nothing is left to stop."""
    try:
        response = await server.http.request("DELETE", job.url, headers=server.headers_for(job.url))
    except FAILURES as error:
        return Trouble(error_text(error))
    if response.status_code < 300 or response.status_code in (404, 409, 410):
        return "dismissed"
    return trouble(response)

"""Results, in whatever shape they come, as files."""

from pathlib import Path

import httpx2
import orjson
from earthcode_common.problems import BadGateway

from reproducer.clients import results
from reproducer.clients.downloads import Unavailable, Unobtainable, download
from reproducer.clients.server import FAILURES, Server, detail_of, error_text, trouble
from reproducer.domain.answers import (
    Description,
    Job,
    Missing,
    NotReady,
    Produced,
    Refused,
    Results,
    ResultsAnswer,
    Trouble,
)

BINARY = "application/octet-stream"
MAX_INLINE = 64 * 1024 * 1024


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
        return Trouble(error_text(error))
    if answer.status_code in (200, 204):
        return await collect(server, answer, known, folder)
    detail = detail_of(answer)
    if answer.status_code == 404 and _is_not_ready(answer):
        return NotReady()
    if answer.status_code in (404, 410):
        return Missing(detail)
    if 400 <= answer.status_code < 500 and answer.status_code not in (408, 429):
        return Refused(detail)
    return trouble(answer)


def _is_not_ready(answer: httpx2.Response) -> bool:
    text = answer.text[:2000].lower().replace("-", "").replace(" ", "").replace("_", "")
    return "resultnotready" in text or "notready" in text


async def collect(
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

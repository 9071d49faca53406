"""Reading what OGC API Processes servers really send: 1.0, the 2.0 draft, and what lies between.

Pure functions of parsed answers. What each rule is for is in docs/extend/platforms.md.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from reproducer.domain.answers import Description, Job, JobState, ListedJob, Status

STATES: dict[JobState, tuple[str, ...]] = {
    "queued": ("created", "accepted", "queued", "pending", "submitted", "initializing"),
    "running": ("running", "started", "paused", "preempted"),
    "succeeded": ("successful", "succeeded", "finished", "complete", "completed"),
    "failed": ("failed", "error", "exception", "executor_error", "system_error"),
    "cancelled": ("dismissed", "canceled", "cancelled", "stopped"),
}
WORDS = {word: state for state, words in STATES.items() for word in words}
JOB_PATH = re.compile(r"/jobs/([^/?#]+)/?$")
JOB_RELS = ("monitor", "status", "self")
LONGEST_TEXT = 1000


def job_state(word: Any) -> JobState:
    """Words that nobody has heard of are ``unknown``, which is never an end."""
    return WORDS.get(str(word).strip().lower().removeprefix("process"), "unknown")


def job_reference(asked: str, location: str | None, body: Any) -> Job | None:
    """The job in the answer to an execution: by ``Location``, else by its id, else by a link."""
    document = body if isinstance(body, Mapping) else {}
    named = next((str(document[k]) for k in ("jobID", "id") if _is_id(document.get(k))), None)
    url = joined(asked, location) if location else _linked(asked, document)
    if url:
        match = job_path(url)
        found = named or (match[1] if match else None)
        return Job(found or url, url) if found or location else None
    return Job(named, job_url(asked, named)) if named else None


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def job_url(execution: str, job: str) -> str:
    return f"{execution.partition('/processes/')[0]}/jobs/{job}"


def _linked(asked: str, document: Mapping[str, Any]) -> str | None:
    found = {rel: href for rel, href in _links(document) if job_path(href)}
    href = next((found[rel] for rel in JOB_RELS if rel in found), None)
    return joined(asked, href) if href else None


def job_path(url: str) -> re.Match[str] | None:
    try:
        return JOB_PATH.search(urlsplit(url).path)
    except ValueError:
        return None


def joined(asked: str, href: str) -> str | None:
    """``href`` made absolute; None when it is no address."""
    try:
        return urljoin(asked, href)
    except ValueError:
        return None


def _links(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    links = document.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, Mapping) and isinstance(link.get("href"), str):
            yield str(link.get("rel")), link["href"]


def next_page(asked: str, document: Any) -> str | None:
    links = dict(_links(document)) if isinstance(document, Mapping) else {}
    return joined(asked, links["next"]) if "next" in links else None


def read_status(document: Mapping[str, Any], retry_after: float | None = None) -> Status:
    return Status(
        state=job_state(document.get("status")),
        progress=read_progress(document.get("progress")),
        message=message_of(document),
        retry_after=retry_after,
    )


def read_progress(value: Any) -> int | None:
    """Percent; some servers send a text."""
    try:
        return min(max(int(float(value)), 0), 100)
    except (TypeError, ValueError, OverflowError):
        return None


def message_of(document: Any) -> str | None:
    """The reason in a status, an exception (1.0 and RFC 9457) or a plain text."""
    if isinstance(document, str):
        return clean(document)
    if not isinstance(document, Mapping):
        return None
    nested = document.get("exception")
    candidates = [document.get(name) for name in ("message", "detail", "description", "title")]
    found = next((c for c in candidates if isinstance(c, str) and c.strip()), None)
    return clean(found) if found else message_of(nested)


def clean(text: str) -> str | None:
    """One line that a database and a terminal can take."""
    kept = "".join(c if c.isprintable() else " " for c in text[: 2 * LONGEST_TEXT])
    return " ".join(kept.split())[:LONGEST_TEXT] or None


def read_moment(value: Any) -> datetime | None:
    """A timestamp; one without a zone is taken for UTC."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def read_jobs(asked: str, document: Any) -> list[ListedJob]:
    listed = document.get("jobs") if isinstance(document, Mapping) else document
    entries = listed if isinstance(listed, list) else []
    return [job for entry in entries if (job := _listed(asked, entry))]


def _listed(asked: str, entry: Any) -> ListedJob | None:
    if not isinstance(entry, Mapping):
        return None
    named = next((str(entry[k]) for k in ("jobID", "id") if _is_id(entry.get(k))), None)
    if named is None:
        return None
    url = _linked(asked, entry) or f"{asked.partition('?')[0].rstrip('/')}/{named}"
    moments = (entry.get(name) for name in ("created", "started", "updated"))
    process = entry.get("processID") or entry.get("process_id")
    return ListedJob(
        job=Job(named, url),
        process=str(process) if process else None,
        created=next((m for value in moments if (m := read_moment(value))), None),
        inputs=_echoed_inputs(entry),
        state=job_state(entry.get("status")),
    )


def _echoed_inputs(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    request = entry.get("request")
    nested = request.get("inputs") if isinstance(request, Mapping) else None
    candidates = (entry.get("parameters"), entry.get("inputs"), nested)
    return next((c for c in candidates if isinstance(c, Mapping)), None)


def read_description(document: Mapping[str, Any]) -> Description:
    transmission = document.get("outputTransmission")
    modes = transmission if isinstance(transmission, list) else [transmission]
    return Description(
        inputs=_names(document.get("inputs")),
        outputs=_names(document.get("outputs")),
        by_reference="reference" in modes,
    )


def _names(described: Any) -> frozenset[str]:
    """Inputs and outputs are a map, or (drafts of 1.0) a list of objects with an id."""
    if isinstance(described, Mapping):
        return frozenset(map(str, described))
    entries = described if isinstance(described, list) else []
    return frozenset(str(e["id"]) for e in entries if isinstance(e, Mapping) and "id" in e)

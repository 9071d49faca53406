"""Rows as the documents that clients get."""

from collections.abc import Sequence
from typing import Any

from earthcode_common.auth import Principal
from earthcode_common.ogc.links import GEOJSON, Link, address, link

from reproducer.domain.record import reproduces
from reproducer.domain.redaction import redacted
from reproducer.domain.states import TERMINAL

JSON_LD = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#flattened"'


def platform_document(row: Any, base: str) -> dict[str, Any]:
    here = address(base, "reproduce", "platforms", row.id)
    links = [link("self", here), link("service", row.url, title=row.title)]
    return {"id": row.id, "title": row.title, "kind": row.kind, "url": row.url, "links": links}


def run_summary(row: Any, base: str, who: Principal) -> dict[str, Any]:
    summary = {
        "id": str(row.id),
        "title": row.title,
        "experiment": row.experiment,
        "platform": row.platform,
        "process": row.process,
        "state": row.state,
        "verdict": row.verdict,
        "reason": row.reason,
        "progress": row.progress,
        "message": row.message,
        "parameters": redacted(row.parameters),
        "created": row.created,
        "updated": row.updated,
        "ended": row.ended,
        "cancel_requested": row.cancel_asked,
        "links": run_links(row, base),
    }
    if who.sub == row.owner or who.has("operator"):
        summary |= {"owner": row.owner, "job": row.job_url}
    return summary


def run_document(
    row: Any, base: str, who: Principal, events: Sequence[Any], outputs: Sequence[Any]
) -> dict[str, Any]:
    return run_summary(row, base, who) | {
        "plan": row.plan | {"inputs": redacted(row.plan.get("inputs"))},
        "transitions": [event_document(event) for event in events],
        "outputs": [output_document(output, base) for output in outputs],
    }


def event_document(row: Any) -> dict[str, Any]:
    event = {"number": row.number, "state": row.state, "at": row.at, "message": row.message}
    return event | ({"progress": row.progress} if row.kind == "progress" else {})


def output_document(row: Any, base: str) -> dict[str, Any]:
    return {
        "name": row.name,
        "media_type": row.media_type,
        "size": row.size,
        "multihash": row.multihash,
        "href": address(base, "reproduce", "runs", str(row.run), "results", row.name),
    }


def report_document(row: Any, base: str, compared: Sequence[Any]) -> dict[str, Any]:
    return {
        "run": str(row.id),
        "experiment": row.experiment,
        "verdict": row.verdict,
        "created": row.ended,
        "options": row.plan.get("comparison") or {},
        "outputs": [_compared(row, entry, base) for entry in compared],
        "links": [link("run", run_href(row, base)), link("self", f"{run_href(row, base)}/report")],
    }


def _compared(row: Any, entry: Any, base: str) -> dict[str, Any]:
    produced = entry.report["produced"]
    if produced:
        href = address(run_href(row, base), "results", produced["name"])
        produced = produced | {"href": href}
    picture = address(run_href(row, base), "report", f"{entry.name}.png") if entry.picture else None
    report: dict[str, Any] = entry.report
    return report | {"produced": produced, "picture": picture}


def run_href(row: Any, base: str) -> str:
    return address(base, "reproduce", "runs", str(row.id))


def run_links(row: Any, base: str) -> list[Link]:
    here = run_href(row, base)
    links = [
        link("self", here),
        link("experiment", _experiment(row, base), GEOJSON, row.experiment),
        link("platform", address(base, "reproduce", "platforms", row.platform)),
        link("events", f"{here}/events", "text/event-stream"),
        link("results", f"{here}/results"),
    ]
    if row.state not in TERMINAL:
        return [*links, link("cancel", f"{here}/actions/cancel")]
    links.append(link("provenance", f"{here}/crate", JSON_LD))
    if row.state == "done":
        links.append(link("report", f"{here}/report"))
        if reproduces(row):
            record = address(base, "reproduce", "reproductions", str(row.id))
            links.append(link("reproduction", record, GEOJSON))
    return links


def _experiment(row: Any, base: str) -> str:
    return address(base, "records", "collections", "experiments", "items", row.experiment)


def reproduction_summary(row: Any, base: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": 1,  # a verdict is given once
        "experiment": row.experiment,
        "verdict": row.verdict,
        "created": row.created,
        "href": address(base, "reproduce", "reproductions", row.id),
    }

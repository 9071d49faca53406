"""The reproduction record (OGC API - Records - Part 1, record core) of a run with a verdict."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reproducer.domain.addresses import segment
from reproducer.domain.states import VERDICTS

CONFORMS_TO = ["http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"]
MEANINGS = {
    "identical": "the same bytes",
    "content-identical": "the same values, in other bytes",
    "within-tolerance": "the same values within the tolerances",
    "different": "other values",
    "not-comparable": "the files cannot be compared",
}


def record_document(
    run: Any, verdict: str, compared: Sequence[Mapping[str, Any]], now: datetime, public: str
) -> dict[str, Any]:
    """``run`` is its row, ``compared`` the rows of its comparisons.

    Only of a run that ``reproduces``.
    """
    moment = now.isoformat().replace("+00:00", "Z")
    return {
        "id": str(run.id),
        "type": "Feature",
        "conformsTo": CONFORMS_TO,
        "geometry": None,
        "time": None,
        "properties": {
            "type": "reproduction",
            "title": f"Reproduction of {run.title}: {verdict}",
            "description": f"The experiment {run.experiment} was run again on the platform"
            f" {run.platform}. Compared with what is published: {MEANINGS[verdict]}.",
            "created": moment,
            "updated": moment,
            "osc:experiment": run.experiment,
            "osc:workflow": run.plan.get("workflow"),
            "osc:products": products(run),
            "verdict": verdict,
            "figures": _figures(compared),
            "platform": run.platform,
            "process": run.process,
            "environment": run.plan.get("environment") or {},
            "multihashes": {row["name"]: _multihashes(row["report"]) for row in compared},
            "outputs": [_output(row) for row in compared],
            "documents": run.plan.get("documents") or [],
        },
        "links": list(_links(run, public)),
    }


def reproduces(run: Any) -> bool:
    """Whether the experiment was run as it was published.

    With other parameters it is another experiment: what comes of that says nothing about this one.
    """
    return not run.parameters


def record_text(document: Mapping[str, Any]) -> tuple[str, str]:
    """The text that is kept and served, and its multihash."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text, "1220" + hashlib.sha256(text.encode()).hexdigest()


def announcement(
    run: Any, verdict: str, document: Mapping[str, Any], public: str
) -> dict[str, Any]:
    return {
        "id": str(run.id),
        "version": 1,
        "experiment": run.experiment,
        "products": products(run),
        "verdict": verdict,
        "title": document["properties"]["title"][:300],
        "href": f"{public.rstrip('/')}/reproduce/reproductions/{run.id}",
    }


def products(run: Any) -> list[str]:
    return list(dict.fromkeys(output["product"] for output in run.plan["outputs"]))


def _figures(compared: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Of the output that decided."""
    known = [row for row in compared if row["report"]["figures"]]
    worst = max(known, key=lambda row: VERDICTS.index(row["verdict"]), default=None)
    return None if worst is None else {"output": worst["name"], **worst["report"]["figures"]}


def _multihashes(report: Mapping[str, Any]) -> dict[str, str | None]:
    sides = {side: report[side] or {} for side in ("published", "produced")}
    return {side: found.get("multihash") for side, found in sides.items()}


def _output(row: Mapping[str, Any]) -> dict[str, Any]:
    report = row["report"]
    named = {name: report[name] for name in ("name", "verdict", "reason", "figures")}
    return named | {"product": report["published"]["product"]}


def _links(run: Any, public: str) -> Sequence[dict[str, str]]:
    base = public.rstrip("/")
    ours, json_type, geo = f"{base}/reproduce", "application/json", "application/geo+json"
    records = f"{base}/records/collections"
    made = [
        ("self", f"{ours}/reproductions/{run.id}", geo, "This record"),
        ("experiment", f"{records}/experiments/items/{segment(run.experiment)}", geo, run.title),
        *(
            ("product", f"{base}/stac/collections/{segment(product)}", json_type, product)
            for product in products(run)
        ),
        ("run", f"{ours}/runs/{run.id}", json_type, "The run"),
        ("report", f"{ours}/runs/{run.id}/report", json_type, "The comparison"),
        ("results", f"{ours}/runs/{run.id}/results", json_type, "The results"),
        ("provenance", f"{ours}/runs/{run.id}/crate", "application/ld+json", "RO-Crate"),
    ]
    return [{"rel": r, "href": h, "type": t, "title": n} for r, h, t, n in made]

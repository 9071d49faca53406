"""The provenance of a run as RO-Crate 1.1 metadata, by the profile Process Run Crate 0.5
(https://w3id.org/ro/wfrun/process/0.5)."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from reproducer.domain.addresses import segment
from reproducer.domain.redaction import redacted

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
STATUS = {
    "done": "CompletedActionStatus",
    "failed": "FailedActionStatus",
    "lost": "FailedActionStatus",
    "cancelled": "FailedActionStatus",
}
Entity = dict[str, Any]


def crate_document(run: Any, outputs: Sequence[Any], public: str) -> dict[str, Any]:
    """``run`` and ``outputs`` are rows; secrets among the inputs are redacted."""
    base = public.rstrip("/")
    here = f"{base}/reproduce/runs/{run.id}"
    results = [_file(output, here) for output in outputs]
    inputs = list(_inputs(run))
    sources = list(_published(run))
    graph = [
        _descriptor(),
        _root(run, here, results + sources),
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        _action(run, here, inputs, results),
        _instrument(run),
        _platform(run, base),
        _agent(run),
        *_context_entities(run, base),
        *inputs,
        *results,
        *sources,
    ]
    # One file may have been published under two names.
    distinct = {entity["@id"]: entity for entity in graph}
    return {"@context": CONTEXT, "@graph": list(distinct.values())}


def _descriptor() -> Entity:
    return {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }


def _root(run: Any, here: str, parts: Sequence[Entity]) -> Entity:
    root = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": PROFILE},
        "name": f"Run of the experiment {run.title}",
        "description": f"The experiment {run.experiment}, run again on {run.platform}.",
        "datePublished": (run.ended or run.updated).isoformat(),
        "url": here,
        "hasPart": _references(parts),
        "mentions": [{"@id": f"#run-{run.id}"}],
    }
    if run.verdict:
        root["subjectOf"] = {"@id": f"{here}/report"}
    return root


def _action(run: Any, here: str, inputs: Sequence[Entity], results: Sequence[Entity]) -> Entity:
    action = {
        "@id": f"#run-{run.id}",
        "@type": "CreateAction",
        "name": f"Run {run.id}",
        "identifier": str(run.id),
        "url": here,
        "startTime": (run.posted or run.created).isoformat(),
        "endTime": run.ended.isoformat() if run.ended else None,
        "actionStatus": _status(run),
        "error": run.reason,
        "agent": {"@id": "#agent"},
        "instrument": {"@id": _process_id(run)},
        "object": _references(inputs),
        "result": _references(results),
        "description": f"Verdict: {run.verdict}" if run.verdict else f"State: {run.state}",
    }
    return {name: value for name, value in action.items() if value is not None}


def _status(run: Any) -> str:
    return f"http://schema.org/{STATUS.get(run.state, 'ActiveActionStatus')}"


def _process_id(run: Any) -> str:
    endpoint = str(run.plan.get("endpoint") or "").rstrip("/")
    return f"{endpoint}/processes/{segment(run.process)}"


def _instrument(run: Any) -> Entity:
    digests = {d["kind"]: d["digest"] for d in run.plan.get("documents") or []}
    return {
        "@id": _process_id(run),
        "@type": "SoftwareApplication",
        "name": run.process,
        "url": _process_id(run),
        "provider": {"@id": "#platform"},
        "isBasedOn": {"@id": "#workflow"},
        "softwareVersion": digests.get("workflow") or "unknown",
    }


def _platform(run: Any, base: str) -> Entity:
    entity = {
        "@id": "#platform",
        "@type": "Organization",
        "name": run.platform,
        "url": f"{base}/reproduce/platforms/{segment(run.platform)}",
    }
    return entity | ({"identifier": run.job_url} if run.job_url else {})


def _agent(run: Any) -> Entity:
    """Nobody's name or account leaves with the provenance of a public run."""
    return {"@id": "#agent", "@type": "SoftwareApplication", "name": "EarthCODE reproducer"}


def _context_entities(run: Any, base: str) -> Iterator[Entity]:
    records = f"{base}/records/collections"
    workflow = str(run.plan.get("workflow") or "")
    yield {
        "@id": "#workflow",
        "@type": "CreativeWork",
        "name": workflow,
        "url": f"{records}/workflows/items/{segment(workflow)}",
    }
    yield {
        "@id": "#experiment",
        "@type": "CreativeWork",
        "name": run.title,
        "url": f"{records}/experiments/items/{segment(run.experiment)}",
    }
    if run.verdict:
        yield {
            "@id": f"{base}/reproduce/runs/{run.id}/report",
            "@type": "CreativeWork",
            "name": f"Comparison with what is published: {run.verdict}",
            "encodingFormat": "application/json",
        }
    if environment := (run.plan.get("environment") or {}).get("file"):
        yield {
            "@id": "#environment",
            "@type": "CreativeWork",
            "name": "Execution environment",
            "url": environment["href"],
            "identifier": environment.get("digest"),
        }


def _inputs(run: Any) -> Iterator[Entity]:
    for name, value in redacted(run.plan.get("inputs") or {}).items():
        plain = isinstance(value, str | int | float | bool)
        yield {
            "@id": f"#input-{segment(str(name))}",
            "@type": "PropertyValue",
            "name": name,
            "value": value if plain else _text(value),
        }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _file(output: Any, here: str) -> Entity:
    return {
        "@id": f"{here}/results/{segment(output.name)}",
        "@type": "File",
        "name": output.name,
        "encodingFormat": output.media_type,
        "contentSize": str(output.size),
        "sha256": output.multihash.removeprefix("1220"),
        "identifier": output.multihash,
    }


def _published(run: Any) -> Iterator[Entity]:
    for output in run.plan.get("outputs") or []:
        yield {
            "@id": output["href"],
            "@type": "File",
            "name": f"{output['name']}, as published with {output['product']}",
            "encodingFormat": output.get("media_type") or "application/octet-stream",
        }


def _references(entities: Sequence[Entity]) -> list[dict[str, str]]:
    return [{"@id": entity["@id"]} for entity in entities]

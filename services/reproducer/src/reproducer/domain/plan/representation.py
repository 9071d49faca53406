"""A plan as JSON: the form that is shown, and the form that a run keeps."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from reproducer.domain.plan.model import Output, Plan, Reason
from reproducer.domain.redaction import redacted

Address = Callable[[Output], str]


def reason_document(reason: Reason) -> dict[str, Any]:
    return asdict(reason)


def plan_document(plan: Plan, address: Address) -> dict[str, Any]:
    """``address`` gives the public address of a published file."""
    head = {"experiment": plan.experiment, "title": plan.title, "executable": plan.executable}
    if plan.reasons:
        head["reasons"] = [reason_document(reason) for reason in plan.reasons]
    known = {
        **_backend(plan),
        "inputs": None if plan.inputs is None else redacted(plan.inputs),
        "environment": plan.environment,
        "outputs": [_output(output, address) for output in plan.outputs],
        "comparison": plan.comparison,
        "workflow": plan.workflow,
        "documents": list(plan.documents),
        "warnings": [reason_document(reason) for reason in plan.warnings],
    }
    # Of a plan that cannot run, what could be found out is kept apart: it is no plan.
    return head | (known if plan.executable else {"resolved": known})


def snapshot(plan: Plan, parameters: Mapping[str, Any], address: Address) -> dict[str, Any]:
    """What a run keeps and works from: the inputs as they are sent, the changed ones included."""
    inputs = {**(plan.inputs or {}), **parameters}
    return plan_document(plan, address) | {"inputs": inputs}


def _backend(plan: Plan) -> dict[str, Any]:
    backend, platform = plan.backend, plan.platform
    endpoint = (platform.url if platform else backend.endpoint) if backend else None
    process = backend.process if backend else None
    return {
        "kind": backend.kind if backend else None,
        "platform": platform.id if platform else None,
        "endpoint": endpoint,
        "process": process,
        "source": backend.href if backend else None,
    }


def _output(output: Output, address: Address) -> dict[str, Any]:
    return {**asdict(output), "href": address(output)}

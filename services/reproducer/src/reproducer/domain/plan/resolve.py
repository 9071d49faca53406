"""Putting a plan together; every part is judged, so that all reasons are told at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from reproducer.domain.plan.backend import backend_of
from reproducer.domain.plan.environment import environment_warning, read_environment
from reproducer.domain.plan.inputs import read_inputs
from reproducer.domain.plan.model import Backend, Plan, Platform, Reason, Sources
from reproducer.domain.plan.options import read_options
from reproducer.domain.plan.outputs import expected_outputs
from reproducer.domain.plan.reading import properties, text
from reproducer.domain.plan.references import file_link, workflow_id

RUNNABLE = "ogc-api-processes"
KIND_HINTS = {
    "openeo": "openEO process graphs are not dispatched yet; run it in the openEO Web Editor",
    "cwl": "deploy the application package as a process, and link the process with rel `process`",
    "notebook": "offer the notebook as a process, and link the process with rel `process`",
    "argo": "offer the workflow as a process, and link the process with rel `process`",
    "code": "offer the code as a process, and link the process with rel `process`",
}


def resolve(sources: Sources, platforms: Sequence[Platform], wanted: str | None = None) -> Plan:
    """A plan on the platform ``wanted``, else on the one that the workflow names."""
    backend = backend_of(sources.experiment, sources.workflow)
    platform = _platform(backend, platforms, wanted)
    inputs = _inputs(sources, backend)
    options, wrong_options = read_options(sources.experiment)
    outputs, wrong_outputs = expected_outputs(sources.products)
    reasons = [*_workflow_reasons(sources), *_backend_reasons(sources, backend, platform, wanted)]
    reasons += [inputs] if isinstance(inputs, Reason) else []
    reasons += wrong_options + wrong_outputs + _too_many(sources)
    warning = environment_warning(sources.environment, _pointer(sources, "environment"))
    return Plan(
        experiment=sources.id,
        title=text(properties(sources.experiment).get("title")) or sources.id,
        reasons=[_owned(reason, sources) for reason in reasons],
        warnings=[_owned(warning, sources)] if warning else [],
        backend=backend,
        platform=platform,
        inputs=None if isinstance(inputs, Reason) else inputs,
        environment=read_environment(sources.experiment, sources.workflow, sources.environment),
        outputs=outputs,
        comparison=options,
        workflow=workflow_id(sources.experiment),
        documents=_documents(sources),
    )


def _platform(
    backend: Backend | None, platforms: Sequence[Platform], wanted: str | None
) -> Platform | None:
    """By id when one is asked for or named, else by address: only registered ones are used."""
    by_id = {platform.id: platform for platform in platforms}
    if wanted is not None or backend is None:
        return by_id.get(wanted or "")
    if backend.platform in by_id:
        return by_id[backend.platform]
    endpoint = (backend.endpoint or "").rstrip("/")
    return next((p for p in platforms if p.url.rstrip("/") == endpoint), None)


def _inputs(sources: Sources, backend: Backend | None) -> dict[str, Any] | Reason:
    """A process graph holds its inputs itself: a file beside it may be empty or absent."""
    found = read_inputs(sources.inputs, _pointer(sources, "input"))
    if backend and backend.kind == "openeo" and backend.process and isinstance(found, Reason):
        return {}
    return found


def _workflow_reasons(sources: Sources) -> list[Reason]:
    named = workflow_id(sources.experiment)
    if named is None:
        message = "The experiment does not name its workflow"
        hint = "set `osc:workflow` to the id of the workflow"
        return [Reason("workflow-missing", message, hint, "/properties/osc:workflow")]
    if sources.workflow is None:
        message = f"The workflow {named} is not published"
        hint = "publish the workflow, or correct `osc:workflow`"
        return [Reason("workflow-unknown", message, hint, "/properties/osc:workflow")]
    return []


def _too_many(sources: Sources) -> list[Reason]:
    if not sources.more_products:
        return []
    message = f"The experiment has more than {len(sources.products)} products"
    return [Reason("too-many-products", message, "split the experiment", "/links")]


def _backend_reasons(
    sources: Sources, backend: Backend | None, platform: Platform | None, wanted: str | None
) -> list[Reason]:
    if backend is None:
        message = "Nothing says how the workflow is run"
        return [_workflow(sources, "workflow-not-executable", message, KIND_HINTS["code"])]
    if backend.kind != RUNNABLE:
        message = f"The workflow is of the kind {backend.kind}, which is not dispatched from here"
        return [_workflow(sources, "workflow-not-executable", message, KIND_HINTS[backend.kind])]
    if platform is None:
        return [_no_platform(sources, backend, wanted)]
    if platform.kind != backend.kind:
        message = f"The platform {platform.id} does not run workflows of the kind {backend.kind}"
        return [Reason("platform-unfit", message, "choose a platform of that kind")]
    return []


def _no_platform(sources: Sources, backend: Backend, wanted: str | None) -> Reason:
    hint = "choose one of /reproduce/platforms that offers the process"
    if wanted is not None:
        return Reason("platform-unknown", f"There is no platform {wanted[:100]}", hint)
    message = f"{backend.endpoint} is not a registered platform"
    return _workflow(sources, "platform-not-registered", message, hint)


def _workflow(sources: Sources, code: str, message: str, hint: str) -> Reason:
    named = workflow_id(sources.experiment)
    if sources.workflow is None or named is None:
        return Reason(code, message, hint, "/links")
    return Reason(code, message, hint, "/links", "workflow", named)


def _owned(reason: Reason, sources: Sources) -> Reason:
    return reason if reason.id else replace(reason, id=sources.id)


def _pointer(sources: Sources, rel: str) -> str:
    found = file_link(sources.experiment, rel)
    return f"/links/{found[0]}/href" if found else "/links"


def _documents(sources: Sources) -> list[Mapping[str, Any]]:
    """Which versions the plan was made from."""
    pinned: list[tuple[str, str | None, str | None]] = [
        ("experiment", sources.id, sources.digest),
        ("workflow", workflow_id(sources.experiment), sources.workflow_digest),
        *(("product", product.id, product.digest) for product in sources.products),
    ]
    return [{"kind": k, "id": i, "digest": d} for k, i, d in pinned if i and d]

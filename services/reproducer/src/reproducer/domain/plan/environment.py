"""What is known about the environment; nothing of it stops a run on a platform that has its own."""

from collections.abc import Mapping
from typing import Any

from reproducer.domain.plan.model import File, Reason
from reproducer.domain.plan.reading import links, mapping, properties, text, texts, truth

HINT = "attach the environment file (conda or pip lock, container digest) and link it"


def read_environment(
    experiment: Mapping[str, Any], workflow: Mapping[str, Any] | None, file: File | None
) -> dict[str, Any]:
    documents = [experiment, workflow or {}]
    fields = [properties(d) for d in documents] + _applications(documents)
    containers = [truth(f.get("application:container")) for f in fields]
    languages = [texts(f.get("application:language")) for f in fields]
    found: dict[str, Any] = {
        "container": next((known for known in containers if known is not None), None),
        "languages": next(filter(None, languages), []),
        "kernel": next((k for d in documents if (k := _kernel(d))), None),
        "file": {"href": file.href, "digest": file.digest} if _is_useful(file) and file else None,
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def environment_warning(file: File | None, pointer: str) -> Reason | None:
    if file is None:
        return Reason("environment-link-missing", "No environment is linked", HINT, "/links")
    if file.found != "found":
        message = f"The environment file is not there: {file.href}"
        return Reason("environment-missing", message, HINT, pointer)
    if not file.text.strip():
        return Reason("environment-empty", f"{file.href} is empty", HINT, pointer)
    return None


def _is_useful(file: File | None) -> bool:
    return file is not None and file.found == "found" and bool(file.text.strip())


def _applications(documents: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [link for d in documents for _, link, _ in links(d) if link.get("rel") == "application"]


def _kernel(document: Mapping[str, Any]) -> dict[str, str] | None:
    """Name and environment file, from the properties or a link; two spellings are in use."""
    given = [mapping(properties(document).get("jupyter_kernel_info"))]
    given += [mapping(link.get("jupyter:kernel")) for _, link, _ in links(document)]
    for kernel in given:
        pairs = {
            "name": text(kernel.get("name")),
            "environment": text(kernel.get("env_file")) or text(kernel.get("envFile")),
        }
        if found := {key: value for key, value in pairs.items() if value}:
            return found
    return None

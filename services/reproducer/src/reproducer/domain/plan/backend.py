"""How a workflow can be run, read from its links (and those of the experiment).

Nobody publishes an endpoint as a field: it is part of a process address, or of the address of a
web editor. Rules by evidence, strongest first.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from reproducer.domain.plan.model import Backend
from reproducer.domain.plan.reading import links, media_type, path_of, properties, text

PROCESS = re.compile(r"^(?P<base>.*)/processes/(?P<id>[^/]+)(?:/(?:execution|jobs))?/?$")
DECLARED = ("process", "application", "service")
BY_TYPE = {
    "application/cwl": "cwl",
    "application/cwl+yaml": "cwl",
    "application/cwl+json": "cwl",
    "application/x-ipynb+json": "notebook",
    "application/x-argo-workflow-yaml": "argo",
}
BY_NAME = {"jupyter-notebook": "notebook", "argo-workflow": "argo", "cwl": "cwl"}
CODE_RELS = {"git", "vcs", "code", "download", "Download"}


def backend_of(experiment: Mapping[str, Any], workflow: Mapping[str, Any] | None) -> Backend | None:
    """None when nothing at all says how the workflow is run."""
    documents = [experiment, workflow or {}]
    found = _process(documents) or _openeo(documents)
    return found or _by_type(documents) or _by_name(documents) or _code(documents)


def _all_links(documents: list[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    for document in documents:
        for _, link, href in links(document):
            yield link, href


def _process(documents: list[Mapping[str, Any]]) -> Backend | None:
    """An OGC API process: declared links first, then any address that looks like one."""
    candidates = [
        (link.get("rel") not in DECLARED, position, made)
        for position, (link, href) in enumerate(_all_links(documents))
        if (made := _as_process(link, href))
    ]
    return min(candidates, key=lambda entry: entry[:2])[2] if candidates else None


def _as_process(link: Mapping[str, Any], href: str) -> Backend | None:
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    match = PROCESS.match(parts.path)
    if not match or parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    endpoint = f"{parts.scheme}://{parts.netloc}{match['base']}"
    platform = text(link.get("earthcode:platform"))
    return Backend("ogc-api-processes", endpoint, unquote(match["id"]), platform, href)


def _openeo(documents: list[Mapping[str, Any]]) -> Backend | None:
    """A process graph or a user-defined process, and the server in a web editor's address."""
    found = list(_all_links(documents))
    graph = next((href for link, href in found if _is_openeo_document(link)), None)
    server = next((server for _, href in found if (server := _editor_server(href))), None)
    if not graph and not server:
        return None
    return Backend("openeo", server, process=graph, href=graph)


def _is_openeo_document(link: Mapping[str, Any]) -> bool:
    declared = media_type(link.get("type"))
    if link.get("rel") == "process_graph" or declared == "application/vnd.openeo+json":
        return True
    return declared == "application/json" and "openeo" in (text(link.get("title")) or "").lower()


def _editor_server(href: str) -> str | None:
    try:
        parts = urlsplit(href)
        servers = parse_qs(parts.query).get("server", [])
    except ValueError:
        return None
    is_editor = "openeo" in (parts.hostname or "") or "openeo" in "".join(servers)
    return servers[0].rstrip("/") if servers and is_editor else None


def _by_type(documents: list[Mapping[str, Any]]) -> Backend | None:
    for link, href in _all_links(documents):
        kind = BY_TYPE.get(media_type(link.get("type")))
        kind = kind or ("notebook" if path_of(href).endswith(".ipynb") else None)
        if kind:
            return Backend(kind, href=href)
    return None


def _by_name(documents: list[Mapping[str, Any]]) -> Backend | None:
    names = [properties(document).get("application:type") for document in documents]
    kinds = [BY_NAME[name] for name in names if isinstance(name, str) and name in BY_NAME]
    return Backend(kinds[0]) if kinds else None


def _code(documents: list[Mapping[str, Any]]) -> Backend | None:
    found = (href for link, href in _all_links(documents) if text(link.get("rel")) in CODE_RELS)
    href = next(found, None)
    return Backend("code", href=href) if href else None

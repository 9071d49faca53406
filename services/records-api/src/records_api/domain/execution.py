"""How a workflow is run and what an experiment runs it with, read from a record as it was written.

Platforms write the same thing in several ways: ``git`` or ``vcs``, two relations for the platform,
``true``, ``"true"`` or ``["true"]``, endpoints within other addresses. Nothing here raises for
what is wrong; the rules are those of the profile (``profiles/executable-experiment.json``).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

PROCESS = re.compile(
    r"[hH][tT][tT][pP][sS]?://[^/?#]+(?:/[^?#]*)?/processes/([^/?#]+)(?:/(?:execution|jobs))?/?"
)
PROCESSES, OPENEO = "ogc-api-processes", "openeo"
NOT_FILES = re.compile(
    r"(?:\.git"
    r"|(?:^|/)(?:products|projects|workflows|experiments|themes|variables|eo-missions)"
    r"/[^/]+/(?:collection|catalog|record)\.json"
    r"|/(?:stac/collections|records/collections/(?:workflows|experiments)/items"
    r"|publish/entities/\w+)/[^/]+/?)$"
)
BY_TYPE = {
    **dict.fromkeys(("application/cwl", "application/cwl+yaml", "application/cwl+json"), "cwl"),
    "application/x-ipynb+json": "notebook",
    "application/x-argo-workflow-yaml": "argo",
}
BY_NAME = {"jupyter-notebook": "notebook", "argo-workflow": "argo", "cwl": "cwl"}
DECLARED = ("process", "application", "service")
CODE = ("git", "vcs", "code", "download", "Download")
PLATFORMS = ("application-platform", "application-originating-platform")
Link = Mapping[str, Any]


class Reading(NamedTuple):
    """``kind`` of back end; ``process`` is an id there, or the address of a process graph."""

    kind: str | None
    endpoint: str | None
    process: str | None
    code: list[str]
    platforms: list[str]
    container: bool | None
    languages: list[str]
    kernel: str | None
    inputs: str | None
    environment: str | None


def read(document: Mapping[str, Any]) -> Reading:
    links, said = _links(document.get("links")), _mapping(document.get("properties"))
    kernel = _mapping(said.get("jupyter_kernel_info")) or _kernel_of(links)
    return Reading(
        *_back_end(links, said.get("application:type")),
        code=_with_rel(links, CODE),
        platforms=_with_rel(links, PLATFORMS),
        container=truth(said.get("application:container")),
        languages=texts(said.get("application:language")),
        kernel=_text(kernel.get("name")) or None,
        inputs=next((h for h in _with_rel(links, ("input",)) if _is_file(h)), None),
        environment=next(iter(_with_rel(links, ("environment",))), None),
    )


def _back_end(links: Sequence[Link], named: Any) -> tuple[str | None, str | None, str | None]:
    """Kind, endpoint and process; what can be dispatched goes before what is only code."""
    likely = sorted(links, key=lambda one: one.get("rel") not in DECLARED)
    process = next((m for one in likely if (m := PROCESS.fullmatch(_path(one["href"])))), None)
    if process:
        endpoint = process[0].rpartition("/processes/")[0]
        return PROCESSES, endpoint, unquote(process[1])
    graph = next((one["href"] for one in links if _is_graph(one)), None)
    server = next((server for one in links if (server := _server(one["href"]))), None)
    if graph or server:
        return OPENEO, server, graph
    kinds = [BY_TYPE.get(_media(one)) or _by_suffix(one["href"]) for one in links]
    found = next(filter(None, kinds), None) or BY_NAME.get(_text(named))
    return found or ("code" if _with_rel(links, CODE) else None), None, None


def _path(href: str) -> str:
    return re.split(r"[?#]", href, maxsplit=1)[0].strip()


def _by_suffix(href: str) -> str | None:
    return "notebook" if _path(href).endswith(".ipynb") else None


def _is_graph(link: Link) -> bool:
    media = _media(link)
    if link.get("rel") == "process_graph" or media == "application/vnd.openeo+json":
        return True
    return media == "application/json" and "openeo" in _text(link.get("title")).lower()


def _server(href: str) -> str | None:
    """The back end in an address of the openEO Web Editor."""
    try:
        found = parse_qs(urlsplit(href).query).get("server")
    except ValueError:
        return None
    return found[0].rstrip("/") if found and "openeo" in href.lower() else None


def _is_file(href: str) -> bool:
    """Neither a repository nor a document of the catalogue."""
    return NOT_FILES.search(_path(href)) is None


def _kernel_of(links: Sequence[Link]) -> Mapping[str, Any]:
    return next(filter(None, (_mapping(one.get("jupyter:kernel")) for one in links)), {})


def _links(found: Any) -> list[Link]:
    """Those with an address, which is stripped."""
    each = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    return [{**one, "href": href} for one in each if (href := _text(one.get("href")).strip())]


def _with_rel(links: Sequence[Link], rels: Iterable[str]) -> list[str]:
    return [one["href"] for one in links if one.get("rel") in (*rels,)]


def _media(link: Link) -> str:
    return _text(link.get("type")).partition(";")[0].strip().lower()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """A text, or the texts of a list."""
    each = value if isinstance(value, list) else [value]
    return [one for one in each if isinstance(one, str) and one.strip()]


def truth(value: Any) -> bool | None:
    """true, "true" and ["true"] alike."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None

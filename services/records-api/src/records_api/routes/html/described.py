"""Pages that describe the API: queryables, sortables, facets, and its OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any

from earthcode_common.html.frame import Frame, links_of
from earthcode_common.html.loose import listed, mapping, mappings, text

from records_api.routes.html.records import named

View = tuple[str, dict[str, Any]]
METHODS = ("get", "post", "put", "patch", "delete")


def properties(document: Mapping[str, Any], frame: Frame) -> View:
    known = ("properties", "title", "type")
    rows = mapping(document.get("properties")).items()
    return "properties.html", _about(document, frame) | {
        "rows": [_property(name, mapping(one)) for name, one in rows],
        "facts": {name: one for name, one in document.items() if name not in known},
    }


def _property(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    known = ("title", "description", "type", "format")
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else listed(kind)
    return {
        "name": name,
        "title": text(schema.get("title")),
        "description": text(schema.get("description")),
        "type": ", ".join([*map(str, kinds), *filter(None, [text(schema.get("format"))])]),
        "more": {key: one for key, one in schema.items() if key not in known},
    }


def facets(document: Mapping[str, Any], frame: Frame) -> View:
    rows = mapping(document.get("facets")).items()
    return "facets.html", _about(document, frame) | {
        "rows": [{"name": name} | dict(mapping(one)) for name, one in rows],
        "links": links_of(document),
        "facts": {k: v for k, v in document.items() if k not in ("facets", "links", "title")},
    }


def api(document: Mapping[str, Any], frame: Frame) -> View:
    """OpenAPI 3.0: what can be asked, and with which parameters."""
    info, parts = mapping(document.get("info")), mapping(document.get("components"))
    return "api.html", _about(info, frame) | {
        "info": {k: v for k, v in info.items() if k not in ("title", "description")},
        "servers": mappings(document.get("servers")),
        "operations": list(_operations(document, parts)),
        "schemas": mapping(parts.get("schemas")),
    }


def _operations(document: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, item in mapping(document.get("paths")).items():
        for method in METHODS:
            if one := mapping(mapping(item).get(method)):
                yield {
                    "path": path,
                    "method": method.upper(),
                    "summary": text(one.get("summary")),
                    "description": text(one.get("description")),
                    "parameters": [
                        _parameter(_resolved(each, parts))
                        for each in mappings(one.get("parameters"))
                    ],
                    "answers": [
                        (status, _resolved(each, parts))
                        for status, each in mapping(one.get("responses")).items()
                    ],
                }


def _resolved(one: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    *_, group, name = ["", *text(one.get("$ref")).split("/")]
    return mapping(mapping(parts.get(group)).get(name)) if name else one


def _parameter(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: text(one.get(name)) for name in ("name", "in", "description")} | {
        "schema": mapping(one.get("schema")),
        "required": bool(one.get("required")),
    }


def _about(document: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    return {
        "title": text(document.get("title")),
        "summary": text(document.get("description")),
        "description": document.get("description"),
        "crumbs": named(list(_crumbs(frame))),
    }


def _crumbs(frame: Frame) -> Iterator[dict[str, str]]:
    yield {"href": frame.root, "title": frame.site.name}
    above = frame.path.rpartition("/")[0]
    if above != frame.site.prefix:
        yield {"href": f"{frame.public_url}{above}", "title": above.rpartition("/")[2]}

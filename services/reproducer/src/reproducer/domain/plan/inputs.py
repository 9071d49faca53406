"""The parameters of an experiment: YAML or JSON, ``{"parameters": {name: value}}``."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from reproducer.domain.plan.model import File, Reason

MAX_DEPTH = 32
HINT = (
    "attach a YAML or JSON file with `parameters:` and one `name: value` line per parameter"
    " (`parameters: {}` when there are none), and link it with rel `input`"
)
NOT_FOUND = {
    "missing": ("input-missing", "The file of input parameters does not exist"),
    "not-a-file": ("input-not-parameters", "The input link does not lead to a parameters file"),
    "refused": ("input-unreachable", "The file of input parameters may not be fetched"),
    "unreachable": ("input-unreachable", "The file of input parameters cannot be fetched"),
    "too-large": ("input-unreadable", "The file of input parameters is too large"),
}


class _Unreadable(ValueError):
    pass


class _Loader(yaml.SafeLoader):
    """Dates stay as they are written (a process wants "2025-02-25"), and aliases are refused: a
    few lines of them unfold to gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise _Unreadable("it uses YAML aliases (*name), which are not read")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_inputs(file: File | None, pointer: str) -> dict[str, Any] | Reason:
    if file is None:
        message = "The experiment has no link to its input parameters"
        return Reason("input-link-missing", message, HINT, "/links")
    if file.found != "found":
        code, message = NOT_FOUND[file.found]
        return Reason(code, f"{message}: {file.href}{_because(file.detail)}", HINT, pointer)
    if not file.text.strip():
        return Reason("input-empty", f"The input file is empty: {file.href}", HINT, pointer)
    try:
        return _parameters(read_yaml(file.text))
    except _Unreadable as error:
        return Reason("input-unreadable", f"{file.href}: {error}", HINT, pointer)


def read_yaml(content: str) -> Any:
    """The value of a YAML or JSON text, as JSON has it."""
    try:
        value = yaml.load(content, _Loader)
        _check(value, 0)
    except (yaml.YAMLError, RecursionError, OverflowError) as error:
        raise _Unreadable(f"it is not YAML: {str(error)[:200]}") from error
    return value


def _because(detail: str) -> str:
    return f" ({detail})" if detail else ""


def _parameters(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or "parameters" not in value:
        raise _Unreadable("it has no member `parameters`")
    found = value["parameters"]
    if found is None or found == []:
        return {}
    if isinstance(found, Mapping):
        return dict(found)
    if isinstance(found, list) and all(_is_pair(entry) for entry in found):
        return {entry["name"]: entry["value"] for entry in found}
    raise _Unreadable("`parameters` is neither a map nor a list of {name, value}")


def _is_pair(entry: Any) -> bool:
    return isinstance(entry, Mapping) and isinstance(entry.get("name"), str) and "value" in entry


def _check(value: Any, depth: int) -> None:
    """Only what JSON can say, and not nested without end."""
    if depth > MAX_DEPTH:
        raise _Unreadable(f"it is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, dict):
        for key, member in value.items():
            if not isinstance(key, str):
                raise _Unreadable(f"the name {key!r} is not a text; quote it")
            _check(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, depth + 1)
    else:
        _check_scalar(value)


def _check_scalar(value: Any) -> None:
    try:
        json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise _Unreadable(f"a value cannot be sent as JSON: {str(value)[:80]!r}") from error
    if isinstance(value, str) and "\0" in value:
        raise _Unreadable("a text holds a NUL character")

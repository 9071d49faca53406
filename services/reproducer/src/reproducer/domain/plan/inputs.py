"""The parameters of an experiment: YAML or JSON, ``{"parameters": {name: value}}``."""

import json
import math
from collections.abc import Mapping
from typing import Any

import yaml

from reproducer.domain.plan import typed
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


class Unreadable(ValueError):
    """Not parameters as they are described here; the message says why."""


class _Loader(yaml.SafeLoader):
    """Dates stay as they are written (a process wants "2025-02-25"), and aliases are refused: a
    few lines of them unfold to gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise Unreadable("it uses YAML aliases (*name), which are not read")
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
    except Unreadable as error:
        return Reason("input-unreadable", f"{file.href}: {error}", HINT, pointer)


def read_yaml(content: str) -> Any:
    """The value of a YAML or JSON text, as JSON has it."""
    try:
        value = yaml.load(content, _Loader)
        check_value(value)
    except (yaml.YAMLError, RecursionError, OverflowError) as error:
        raise Unreadable(f"it is not YAML: {str(error)[:200]}") from error
    return value


def _because(detail: str) -> str:
    return f" ({detail})" if detail else ""


def changed(asked: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the asked parameters that are not the experiment's own anyway."""
    return {
        name: value
        for name, value in asked.items()
        if name not in own or _text(value) != _text(own[name])
    }


def _text(value: Any) -> str:
    """Python takes 1, 1.0 and true for the same; a process need not."""
    return json.dumps(value, sort_keys=True)


def _parameters(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or "parameters" not in value:
        raise Unreadable("it has no member `parameters`")
    found = value["parameters"]
    if found is None or found == []:
        return {}
    if isinstance(found, Mapping):
        return dict(found)
    if isinstance(found, list) and all(_is_pair(entry) for entry in found):
        _check_types(found)
        return {entry["name"]: entry["value"] for entry in found}
    raise Unreadable("`parameters` is neither a map nor a list of {name, value}")


def _check_types(entries: list[Mapping[str, Any]]) -> None:
    for entry in entries:
        if wrong := typed.fault(entry):
            raise Unreadable(wrong)


def _is_pair(entry: Any) -> bool:
    return isinstance(entry, Mapping) and isinstance(entry.get("name"), str) and "value" in entry


def check_value(value: Any, depth: int = 0) -> None:
    """Raises Unreadable for what JSON cannot say, a database cannot keep, or has no end."""
    if depth > MAX_DEPTH:
        raise Unreadable(f"it is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        for name, member in value.items():
            if not isinstance(name, str):
                raise Unreadable(f"the name {name!r} is not a text; quote it")
            _check_text(name)
            check_value(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            check_value(member, depth + 1)
    else:
        _check_scalar(value)


def _check_scalar(value: Any) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Unreadable(f"{value} is not a number of JSON")
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise Unreadable("a whole number has more than 64 bits")
    elif value is not None:
        raise Unreadable(f"a value cannot be sent as JSON: {str(value)[:80]!r}")


def _check_text(value: str) -> None:
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise Unreadable("a text holds a character that cannot be stored")

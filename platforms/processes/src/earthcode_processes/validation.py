"""What a client may ask for. pygeoapi looks neither at the inputs nor at the outputs."""

import math
from http import HTTPStatus
from typing import Any

from jsonschema import Draft202012Validator
from pygeoapi.process.base import ProcessorExecuteError

from .definitions import Definition
from .definitions.definition import Inputs

LONGEST_MESSAGE = 1000
MODES = ("value", "reference")


class InvalidRequest(ProcessorExecuteError):  # type: ignore[misc,unused-ignore]
    http_status_code = HTTPStatus.BAD_REQUEST
    ogc_exception_code = "InvalidParameterValue"

    def __init__(self, problems: list[str]):
        super().__init__(user_msg="; ".join(problems)[:LONGEST_MESSAGE])


def checked_inputs(definition: Definition, given: Any) -> Inputs:
    """The inputs with every default filled in and every number of its declared type.

    Accepts a value as it is or qualified as {"value": ...} (OGC API Processes 1.0, 7.11.2.3).
    Raises InvalidRequest, naming all that is wrong.
    """
    if not isinstance(given, dict):
        raise InvalidRequest(["inputs: must be an object"])
    problems = unknown(given, definition.inputs, "an input")
    inputs: Inputs = {}
    for name, description in definition.inputs.items():
        if name in given:
            inputs[name], wrong = checked(name, given[name], description["schema"])
            problems += wrong
        elif description["minOccurs"]:
            problems.append(f"{name}: is required")
        elif "default" in description["schema"]:
            inputs[name] = description["schema"]["default"]
    problems = problems or definition.check(inputs)
    if problems:
        raise InvalidRequest(problems)
    return inputs


def unknown(given: dict[str, Any], known: dict[str, Any], noun: str) -> list[str]:
    names = ", ".join(sorted(known))
    return [
        f"{name[:80]}: is not {noun} of this process ({names})" for name in given - known.keys()
    ]


def checked(name: str, given: Any, schema: dict[str, Any]) -> tuple[Any, list[str]]:
    if isinstance(given, dict) and "href" in given:
        return None, [f"{name}: inputs by reference are not supported, give the value"]
    if isinstance(given, dict) and "value" in given:
        given = given["value"]
    errors = Draft202012Validator(schema).iter_errors(given)
    problems = [f"{place(name, error.absolute_path)}: {error.message[:200]}" for error in errors]
    if not problems and not finite(given):
        problems = [f"{name}: must be finite"]
    return (None, problems) if problems else (typed(given, schema), [])


def place(name: str, path: Any) -> str:
    return ".".join([name, *(str(part) for part in path)])


def finite(given: Any) -> bool:
    values = given if isinstance(given, list) else [given]
    return all(math.isfinite(value) for value in values if isinstance(value, int | float))


def typed(given: Any, schema: dict[str, Any]) -> Any:
    """1 and 1.0 are the same input and shall give the same bytes."""
    match schema["type"]:
        case "array":
            return [typed(item, schema["items"]) for item in given]
        case "number":
            return float(given)
        case "integer":
            return int(given)
    return given


def checked_outputs(definition: Definition, given: Any) -> dict[str, str]:
    """The wanted outputs with their transmission mode, all of them by value when none is named."""
    if given is None or given == {}:
        return dict.fromkeys(definition.outputs, "value")
    if not isinstance(given, dict):
        raise InvalidRequest(["outputs: must be an object"])
    problems = unknown(given, definition.outputs, "an output")
    known = {name: wanted for name, wanted in given.items() if name in definition.outputs}
    for name, wanted in known.items():
        problems += wrong_output(name, wanted, definition.outputs[name].media_type)
    if problems:
        raise InvalidRequest(problems)
    return {name: wanted.get("transmissionMode", "value") for name, wanted in known.items()}


def wrong_output(name: str, wanted: Any, media_type: str) -> list[str]:
    if not isinstance(wanted, dict):
        return [f"outputs.{name}: must be an object"]
    problems = []
    if wanted.get("transmissionMode", "value") not in MODES:
        problems.append(f"outputs.{name}.transmissionMode: is neither value nor reference")
    wanted_format = wanted.get("format", {})
    if not isinstance(wanted_format, dict):
        problems.append(f"outputs.{name}.format: must be an object")
    elif wanted_format.get("mediaType", media_type) != media_type:
        problems.append(f"outputs.{name}.format.mediaType: only {media_type} is offered")
    return problems


def checked_response(given: Any) -> str:
    if given not in ("raw", "document"):
        raise InvalidRequest(["response: is neither raw nor document"])
    return str(given)

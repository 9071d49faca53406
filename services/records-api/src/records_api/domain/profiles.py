"""The profiles of records beyond OGC's: an experiment that can be run again, and its workflow.

The contract is the JSON Schema beside this package (``profiles/executable-experiment.json``);
``lacks`` says of a record what that asks for and is not there.
"""

import math
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import orjson
from earthcode_common.ogc.entities import BASE
from earthcode_common.ogc.links import JSON, SCHEMA, link

from records_api.domain import execution, links

ROOT = f"{BASE}/records/profiles"
NAME = "executable-experiment"
HERE = links.EXECUTABLE
ID = f"urn:earthcode:profile:{NAME}:1.0"
TITLE = "Executable experiment"
DESCRIPTION = (
    "An experiment that can be run again: its workflow states a back end (the process of an OGC API"
    " - Processes, or an openEO process graph), it links its inputs with their types, units and"
    " reference systems, pins its environment, and says how results are compared; its product"
    " holds the expected outputs. Workflows that state a back end have the profile too."
)
KINDS = ("experiment", "workflow")
OPTIONS = {"rtol": math.inf, "atol": math.inf, "pixel_tolerance": 100.0}
_SCHEMA: dict[str, Any] = orjson.loads(
    files("records_api").joinpath("profiles", f"{NAME}.json").read_bytes()
)


def every() -> dict[str, Any]:
    return {"profiles": [described()], "links": [link("self", ROOT, JSON)]}


def described() -> dict[str, Any]:
    return {
        "id": ID,
        "title": TITLE,
        "description": DESCRIPTION,
        "links": [
            link("self", HERE, JSON),
            link("describedby", f"{HERE}/schema.json", SCHEMA, "JSON Schema of such a record"),
            link("up", ROOT, JSON, "All profiles"),
        ],
    }


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12; its anchors are the parts: inputs, product, back-end, comparison."""
    head = {"$schema": _SCHEMA["$schema"], "$id": f"{HERE}/schema.json"}
    return head | {name: value for name, value in _SCHEMA.items() if name != "$schema"}


def lacks(kind: str, document: Mapping[str, Any], *, linked: bool) -> list[str]:
    """What a record of an experiment or workflow misses; nothing when it has the profile.

    ``linked``: an experiment is linked with a workflow, be it by field or by link.
    """
    found = execution.read(document)
    if kind == "workflow":
        return [] if _can_be_asked(found) else ["back-end"]
    has = {
        "workflow": linked,
        "inputs": found.inputs,
        "environment": found.environment,
        "comparison": _can_compare(document),
    }
    return [name for name, there in has.items() if not there]


def _can_be_asked(found: execution.Reading) -> bool:
    """At an endpoint, for a process or with a graph."""
    return bool(found.endpoint and found.process)


def _can_compare(document: Mapping[str, Any]) -> bool:
    properties = document.get("properties")
    given = properties.get("earthcode:comparison") if isinstance(properties, Mapping) else None
    if given is None:
        return True
    return isinstance(given, Mapping) and all(
        _is_option(given[name], most) for name, most in OPTIONS.items() if name in given
    )


def _is_option(value: Any, most: float) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= most and math.isfinite(value)

"""Comparison options of an experiment, under the names of openEO's and APEx's tests."""

import math
from collections.abc import Mapping
from typing import Any

from reproducer.domain.plan.model import Reason
from reproducer.domain.plan.reading import properties

NAMES = ("rtol", "atol", "pixel_tolerance")
POINTER = "/properties/earthcode:comparison"


def read_options(experiment: Mapping[str, Any]) -> tuple[dict[str, float], list[Reason]]:
    """``earthcode:comparison``: rtol, atol >= 0; pixel_tolerance in percent, 0 to 100."""
    given = properties(experiment).get("earthcode:comparison")
    if given is None:
        return {}, []
    if not isinstance(given, Mapping):
        return {}, [_reason("The comparison options are not an object", POINTER)]
    wrong = [
        _reason(f"{name} is not {_allowed(name)}", f"{POINTER}/{name}")
        for name in NAMES
        if name in given and not _is_right(name, given[name])
    ]
    if wrong:
        return {}, wrong
    return {name: float(given[name]) for name in NAMES if name in given}, []


def _is_right(name: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    most = 100 if name == "pixel_tolerance" else math.inf
    return math.isfinite(value) and 0 <= value <= most


def _allowed(name: str) -> str:
    return "a percentage" if name == "pixel_tolerance" else "a number of at least 0"


def _reason(message: str, pointer: str) -> Reason:
    return Reason("comparison-invalid", message, f"the options are {', '.join(NAMES)}", pointer)

"""Inputs that several processes have. Units are UCUM codes (`x-ogc-unit`, OGC API Features 5)."""

from typing import Any

FIRST_YEAR = 1981
LAST_YEAR = 2024
LONGEST_DELAY_SECONDS = 300


def year(title: str, default: int | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "integer",
        "minimum": FIRST_YEAR,
        "maximum": LAST_YEAR,
        "x-ogc-unit": "a",
    }
    return described(title, f"A calendar year, {FIRST_YEAR} to {LAST_YEAR}.", schema, default)


def described(
    title: str, description: str, schema: dict[str, Any], default: Any = None
) -> dict[str, Any]:
    if default is not None:
        schema = {**schema, "default": default}
    return {
        "title": title,
        "description": description,
        "schema": schema,
        "minOccurs": 0 if default is not None else 1,
        "maxOccurs": 1,
    }


SST_SCALE = described(
    "Scale of the sea surface temperature",
    "The temperature is multiplied by this factor (dimensionless) before anything else.",
    {"type": "number", "minimum": 0.5, "maximum": 2, "x-ogc-unit": "1"},
    1.0,
)
SST_OFFSET = described(
    "Offset of the sea surface temperature, in kelvin",
    "Added to the temperature after the scale.",
    {"type": "number", "minimum": -10, "maximum": 10, "x-ogc-unit": "K"},
    0.0,
)
DELAY_SECONDS = described(
    "Delay, in seconds",
    "Demonstration of long jobs: the job waits this long, reporting progress, and then computes. "
    "It changes nothing in the result.",
    {"type": "number", "minimum": 0, "maximum": LONGEST_DELAY_SECONDS, "x-ogc-unit": "s"},
    0.0,
)
MARKER = {
    "title": "Marker of the caller",
    "description": "Kept with the job and shown in its status (`parameters.marker`), so that a "
    "caller who lost the answer finds its job again: GET /jobs?marker=... "
    "It changes nothing in the result.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,120}(?!\\n)$"},
    "minOccurs": 0,
    "maxOccurs": 1,
}
OF_EVERY_JOB = {"delay_seconds": DELAY_SECONDS, "marker": MARKER}

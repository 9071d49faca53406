"""Aggregations (STAC API - Aggregation extension 0.3.0): which there are, and how they are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from earthcode_common.ogc.datetimes import format_instant
from earthcode_common.ogc.facets import Counts, Unit
from earthcode_common.problems import BadRequest

Kind = Literal["total", "first", "last", "parts", "terms", "years", "starts", "steps", "cells"]
DATA_TYPES: Mapping[Kind, str] = {"total": "integer", "first": "datetime", "last": "datetime"}
KEY_TYPES: Mapping[Kind, str] = {"starts": "datetime", "years": "integer", "steps": "numeric"}
FREQUENCY = "frequency_distribution"
UNITS: Sequence[tuple[Unit, float]] = (("hour", 1 / 24), ("day", 1), ("month", 30), ("year", 365))
MOST_STEPS = 120  # buckets that a chart can show
CLOUD_STEP, CLOUD_LAST = 10, 9


@dataclass(frozen=True, slots=True)
class Aggregation:
    kind: Kind
    prop: str = ""

    @property
    def data_type(self) -> str:
        return DATA_TYPES.get(self.kind, FREQUENCY)

    @property
    def key_type(self) -> str:
        return KEY_TYPES.get(self.kind, "string")


_SHARED: Mapping[str, Aggregation] = {
    "total_count": Aggregation("total"),
    "datetime_min": Aggregation("first"),
    "datetime_max": Aggregation("last"),
    "datetime_frequency": Aggregation("starts"),
    "year_frequency": Aggregation("years"),
    "centroid_geohash_grid_frequency": Aggregation("cells"),
    "license_frequency": Aggregation("terms", "license"),
    "theme_frequency": Aggregation("terms", "themes"),
    "variable_frequency": Aggregation("terms", "osc:variables"),
    "mission_frequency": Aggregation("terms", "osc:missions"),
    "project_frequency": Aggregation("terms", "osc:project"),
    "status_frequency": Aggregation("terms", "osc:status"),
    "keyword_frequency": Aggregation("terms", "keywords"),
}
ITEM: Mapping[str, Aggregation] = {
    **_SHARED,
    "collection_frequency": Aggregation("parts"),
    "platform_frequency": Aggregation("terms", "platform"),
    "instrument_frequency": Aggregation("terms", "instruments"),
    "cloud_cover_frequency": Aggregation("steps", "eo:cloud_cover"),
}
COLLECTION: Mapping[str, Aggregation] = {
    **_SHARED,
    "type_frequency": Aggregation("terms", "osc:type"),
    "region_frequency": Aggregation("terms", "osc:region"),
}


def chosen(asked: str | Sequence[str] | None, known: Iterable[str]) -> list[str]:
    """The names asked for, each once; raises BadRequest for one that there is not.

    Nothing is counted that was not asked for (Aggregation extension, aggregations).
    """
    if asked is None:
        return []
    names = asked.split(",") if isinstance(asked, str) else asked
    names = list(dict.fromkeys(name.strip() for name in names))
    for name in names:
        if name not in known:
            raise BadRequest(
                f"There is no aggregation {name[:60]!a}",
                parameter="aggregations",
                hint=f"there are {', '.join(known)}",
            )
    return names


def described(known: Mapping[str, Aggregation]) -> list[dict[str, Any]]:
    """What ``/aggregations`` says of each."""
    return [
        {"name": name, "data_type": one.data_type}
        | ({f"{FREQUENCY}_data_type": one.key_type} if one.data_type == FREQUENCY else {})
        for name, one in known.items()
    ]


def single(name: str, one: Aggregation, value: Any) -> dict[str, Any]:
    told = format_instant(value) if isinstance(value, datetime) else value
    return {"name": name, "data_type": one.data_type, "value": told}


def frequency(name: str, one: Aggregation, counts: Counts, total: int) -> dict[str, Any]:
    """``overflow``: documents that are in none of the buckets, of ``total``."""
    buckets = [_bucket(one, key, number) for key, number in counts.buckets]
    if one.kind != "parts" and one.kind != "terms":
        buckets.sort(key=lambda bucket: bucket["key"])
    return {
        "name": name,
        "data_type": FREQUENCY,
        "overflow": total - counts.counted,
        "buckets": buckets,
    }


def _bucket(one: Aggregation, key: Any, number: int) -> dict[str, Any]:
    bucket = {"key": str(key), "data_type": one.key_type, "frequency": number}
    if one.kind == "starts":
        return bucket | {"key": format_instant(key)}
    if one.kind == "years":
        return bucket | {"key": f"{key:04}"}
    return bucket | _range(key) if one.kind == "steps" else bucket


def _range(step: int) -> dict[str, Any]:
    """From (inclusive) and to (exclusive) of a step of cloud cover; the outer ones are open."""
    ends: dict[str, Any] = {"from": step * CLOUD_STEP, "to": (step + 1) * CLOUD_STEP}
    if step == 0:
        ends.pop("from")
    if step == CLOUD_LAST:
        ends.pop("to")
    return {"key": f"{ends.get('from', '*')}-{ends.get('to', '*')}"} | ends


def unit_of(first: datetime | None, last: datetime | None) -> Unit:
    """The finest unit that does not give more steps than a chart can show."""
    days = (last - first).total_seconds() / 86400 if first and last else 0
    return next((unit for unit, length in UNITS if days / length <= MOST_STEPS), "year")

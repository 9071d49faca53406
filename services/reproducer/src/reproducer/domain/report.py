"""The comparison of one output, told so that both files can be found again and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reproducer.domain.states import VERDICTS


@dataclass(frozen=True)
class Beside:
    """A published file as it was when it was compared."""

    media_type: str | None
    size: int
    multihash: str


def output_report(
    expected: Mapping[str, Any], produced: Any, published: Beside | None, outcome: Mapping[str, Any]
) -> dict[str, Any]:
    """``produced`` is the row of our output or None, ``outcome`` the document of a comparison."""
    return {
        "name": expected["name"],
        "verdict": outcome["verdict"],
        "reason": outcome["reason"],
        "format": outcome["format"],
        "figures": worst_figures(outcome),
        "variables": outcome["variables"],
        "notes": outcome["notes"],
        "published": _published(expected, published),
        "produced": _produced(produced),
    }


def worst_figures(outcome: Mapping[str, Any]) -> dict[str, Any] | None:
    """Those of the variable that decided; among equals the one with most cells."""
    variables = outcome["variables"]
    if not variables:
        return None
    worst = max(variables, key=lambda v: (VERDICTS.index(v["verdict"]), v["figures"]["cells"]))
    return {"variable": worst["name"], **worst["figures"]}


def _published(expected: Mapping[str, Any], found: Beside | None) -> dict[str, Any]:
    declared = expected.get("checksum")
    told = {name: expected.get(name) for name in ("href", "product", "item", "media_type")}
    if found is None:
        return told | {"declared_checksum": declared}
    return told | {
        "size": found.size,
        "multihash": found.multihash,
        "declared_checksum": declared,
        "checksum_matches": None if declared is None else declared.lower() == found.multihash,
    }


def _produced(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {name: getattr(row, name) for name in ("name", "media_type", "size", "multihash")}

"""Licences: an SPDX expression, or ``other`` with a link (20-004r1, /req/record-core/license)."""

import re
from collections.abc import Mapping
from typing import Any

OTHER = "other"
SPDX = "https://spdx.org/licenses/"
# STAC 1.0 and habit say these of what has no SPDX identifier.
UNNAMED = ("proprietary", "various", "none", "unknown", "unlicensed", "noassertion")
_NAME = r"\(*[A-Za-z0-9][A-Za-z0-9.+-]*\)*"
_EXPRESSION = re.compile(rf"{_NAME}(?: (?:AND|OR|WITH) {_NAME})*")
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def stated(properties: Any) -> str | None:
    """The licence that a record states, if it does so in text."""
    value = properties.get("license") if isinstance(properties, Mapping) else None
    return value if isinstance(value, str) and value else None


def is_expression(license: str) -> bool:
    """Whether it has the form of an SPDX expression; that each identifier exists is not checked."""
    return license.lower() not in (*UNNAMED, OTHER) and bool(_EXPRESSION.fullmatch(license))


def address_of(license: str, source: str) -> tuple[str, str]:
    """(address, title) of what a licence says: its text at SPDX, else ``source`` that states it."""
    if is_expression(license) and IDENTIFIER.fullmatch(license):
        return f"{SPDX}{license}", license
    return source, f"The licence as it was stated: {license}"

"""Identifiers that others gave a record, in every form in which they are asked for."""

import re
from collections.abc import Mapping
from typing import Any

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
DOI_MEMBERS = ("DOI", "doi", "sci:doi")


def forms(properties: Mapping[str, Any]) -> list[str]:
    """``value``, ``scheme:value`` and ``scheme:`` of each; a DOI also bare, ``doi:``, as URL and in
    lower case.

    From ``externalIds`` of OGC API - Records and the members in which the catalogue has DOIs.
    """
    found: list[str] = []
    listed = properties.get("externalIds")
    for one in listed if isinstance(listed, list) else []:
        members = one if isinstance(one, dict) else {"value": one}
        found += _forms(members.get("scheme"), members.get("value"))
    for name in DOI_MEMBERS:
        found += _forms(None, properties.get(name))
    return list(dict.fromkeys(found))


def _forms(scheme: Any, value: Any) -> list[str]:
    if not isinstance(value, str) or not value:
        return []
    found = [value]
    if isinstance(scheme, str) and scheme:
        found += [f"{scheme}:{value}", f"{scheme}:"]
    doi = _DOI.fullmatch(value)
    named = [doi[1], f"doi:{doi[1]}", f"https://doi.org/{doi[1]}", "doi:"] if doi else []
    return [*found, *named, *asked(value)[1:]]


def asked(name: str) -> list[str]:
    """``name``, and what else finds the same: DOIs are alike in capitals or not (DOI Handbook)."""
    doi = _DOI.fullmatch(name)
    return [name, doi[1].lower()] if doi else [name]

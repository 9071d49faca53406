"""Parts of documents that nobody checked: what is not of the wanted kind counts as absent."""

from collections.abc import Mapping
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in listed(value) if isinstance(one, Mapping)]


def texts(value: Any) -> list[str]:
    return [one for one in listed(value) if isinstance(one, str)]


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""

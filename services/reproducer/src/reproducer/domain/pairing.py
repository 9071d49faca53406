"""Which produced file answers which expected one."""

from collections.abc import Mapping, Sequence
from typing import Any


def pair_outputs(
    expected: Sequence[Mapping[str, Any]], produced: Mapping[str, str]
) -> dict[str, str | None]:
    """Expected name to produced name: by name, else by media type when that leaves no choice.

    ``produced`` maps names to media types.
    """
    wanted = {str(entry["name"]): _plain(entry.get("media_type")) for entry in expected}
    found: dict[str, str | None] = {name: name for name in wanted if name in produced}
    free = {name: _plain(kind) for name, kind in produced.items() if name not in found}
    open_ = {name: kind for name, kind in wanted.items() if name not in found}
    for name, kind in open_.items():
        alike = [other for other, other_kind in free.items() if kind and other_kind == kind]
        rivals = [other for other, other_kind in open_.items() if other_kind == kind]
        found[name] = alike[0] if len(alike) == 1 and len(rivals) == 1 else None
    return found


def _plain(media_type: Any) -> str:
    return str(media_type or "").partition(";")[0].strip().lower()

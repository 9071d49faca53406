"""Lists of references in a body."""

from dataclasses import dataclass
from typing import Any

from publisher.bodies.envelope import bad, envelope, kind_of, list_of
from publisher.domain import documents

MAX_REFS = 500


@dataclass(frozen=True)
class Ref:
    kind: str
    id: str
    version: int | None


def refs(body: bytes) -> list[Ref]:
    _, value = envelope(body)
    return [
        _ref(entry, f"/refs/{i}") for i, entry in enumerate(list_of(value, "refs", MAX_REFS, ""))
    ]


def _ref(entry: Any, pointer: str) -> Ref:
    if not isinstance(entry, dict):
        raise bad("A reference is an object", pointer, '{"kind", "id"}')
    id, version = entry.get("id"), entry.get("version")
    if not isinstance(id, str) or not id or not documents.storable(id):
        raise bad("The id is a text", f"{pointer}/id")
    wrong = isinstance(version, bool) or not (version is None or isinstance(version, int))
    if wrong or (version is not None and not 0 < version < 2**31):
        raise bad("A version is a positive number", f"{pointer}/version", "leave it out: current")
    return Ref(kind_of(entry, pointer), id, version)

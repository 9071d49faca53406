"""Patches of JSON documents: merge patch (RFC 7396) and JSON Patch (RFC 6902).

What a patch does not touch keeps the order of its keys and the spelling of its numbers.
"""

import json
from typing import Any

from earthcode_common.ogc import jsontext
from earthcode_common.problems import BadRequest, Conflict
from jsonpatch import JsonPatch, JsonPatchConflict, JsonPatchException, JsonPatchTestFailed
from jsonpointer import JsonPointerException, resolve_pointer

MERGE = "application/merge-patch+json"
OPERATIONS = "application/json-patch+json"
MAX_OPERATIONS = 1000
MAX_COPIED = 1_000_000  # characters; copies of copies would grow without bounds


class Spelled(float):
    """A number that remembers how it was written."""

    text: str

    def __deepcopy__(self, memo: dict[int, Any]) -> "Spelled":
        return self


def _spelled(text: str) -> Spelled:
    number = Spelled(text)
    number.text = text
    return number


def read(text: str) -> Any:
    """``text`` must be JSON."""
    return json.loads(text, parse_float=_spelled)


def write(value: Any) -> str:
    if isinstance(value, dict):
        return jsontext.join({name: write(member) for name, member in value.items()})
    if isinstance(value, list):
        return jsontext.array(map(write, value))
    return value.text if isinstance(value, Spelled) else jsontext.dump(value)


def patched(text: str, patch: str, media: str) -> str:
    """The document ``text`` after ``patch``, which is of the type ``media``.

    Raises BadRequest (no such patch) or Conflict (it does not fit the document).
    """
    found = jsontext.flaws(jsontext.parse(patch).value)
    if flaws := [{"pointer": at, "detail": f"The value {why}"} for at, why in found]:
        raise BadRequest("The patch holds what cannot be stored", errors=flaws)
    asked, document = read(patch), read(text)
    return write(_operated(document, asked) if media == OPERATIONS else merged(document, asked))


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value)
    return found


def _operated(document: Any, operations: Any) -> Any:
    if not isinstance(operations, list):
        raise BadRequest("A JSON Patch is an array of operations", pointer="")
    if len(operations) > MAX_OPERATIONS:
        raise BadRequest(f"A JSON Patch has at most {MAX_OPERATIONS} operations", pointer="")
    budget = MAX_COPIED
    for place, operation in enumerate(operations):
        budget -= _copied(document, operation)
        if budget < 0:
            raise BadRequest("The patch copies more than an Item can hold", pointer=f"/{place}")
        document = _applied(document, operation, f"/{place}")
    return document


def _copied(document: Any, operation: Any) -> int:
    if not isinstance(operation, dict) or operation.get("op") != "copy":
        return 0
    try:
        return len(write(resolve_pointer(document, operation["from"])))
    except (JsonPointerException, TypeError, LookupError):
        return 0  # applying it says what is wrong


def _applied(document: Any, operation: Any, pointer: str) -> Any:
    if not isinstance(operation, dict):
        raise BadRequest("An operation is an object", pointer=pointer)
    try:
        return JsonPatch([operation]).apply(document, in_place=True)
    except JsonPatchTestFailed as error:
        raise Conflict(f"The test does not hold: {_short(error)}", pointer=pointer) from error
    except (JsonPatchConflict, JsonPointerException) as error:
        raise Conflict(f"It does not fit the Item: {_short(error)}", pointer=pointer) from error
    except (JsonPatchException, TypeError, ValueError, LookupError, AttributeError) as error:
        raise BadRequest(f"It is no operation: {_short(error)}", pointer=pointer) from error


def _short(error: Exception) -> str:
    return str(error)[:200]

"""Link templates of a record as a header field (RFC 9652; 20-004r1, /req/record-core)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from earthcode_common.ogc import jsontext

MANY = 20  # templates; a header has to stay small


def header(doc: str) -> str:
    """The field value for the templates in a record's text; empty when it has none."""
    if '"linkTemplates":[{' not in doc:
        return ""
    found = jsontext.members(doc)["linkTemplates"].value
    return ", ".join(_fields(found[:MANY]))


def _fields(templates: Iterable[Any]) -> Iterator[str]:
    for one in templates:
        if isinstance(one, Mapping) and _is_text(one.get("uriTemplate")):
            names = (("rel", "rel"), ("type", "type"), ("title", "title"), ("varBase", "var-base"))
            more = [f"; {field}={_quoted(one[n])}" for n, field in names if _is_text(one.get(n))]
            yield _quoted(one["uriTemplate"]) + "".join(more)


def _is_text(value: Any) -> bool:
    """What a String of structured fields can hold (RFC 9651, section 3.3.3)."""
    return isinstance(value, str) and all(" " <= one <= "~" for one in value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

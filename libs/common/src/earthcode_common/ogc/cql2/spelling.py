"""CQL2 text (OGC 21-065r2, annex B) in the spellings that the parser knows."""

import re
from decimal import Decimal

_SPELLED = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?<![\w.:])(?:(?P<name>[_:][\w.:]*)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))
    """,
    re.VERBOSE,
)
_EXPONENT = 15  # Beyond that a number is no coordinate, and long when written out.


def spelled(text: str) -> str:
    """Names that begin with ``_`` or ``:`` in quotes, ``.5`` as 0.5, ``1e1`` (in WKT) as 10."""
    return _SPELLED.sub(_as_known, text)


def _as_known(found: re.Match[str]) -> str:
    if found["name"]:
        return f'"{found["name"]}"'
    number = found["number"]
    if not number:
        return found[0]
    mantissa, e, exponent = number.lower().partition("e")
    if e and len(exponent) < 4 and abs(int(exponent)) <= _EXPONENT:
        return format(Decimal(number), "f")
    return f"0{number}" if mantissa.startswith(".") else number

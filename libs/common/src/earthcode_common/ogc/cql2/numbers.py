"""Numbers and calculating with them, so that SQL and Python say the same and nothing overflows.

Numbers are compared by their decimal value. Calculating is done in doubles: an operand beyond
1e150, or closer to zero than 1e-150, gives null, as does a division by zero or a power that is no
number. ``%`` and ``div`` are those of the decimal values and truncate towards zero; beyond 2^53,
where doubles skip integers and a remainder means nothing, they give null.
"""

import math
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any, TypeGuard

from earthcode_common.ogc.cql2.template import Sql, sql

LEAST, GREATEST = 1e-150, 1e150
MAX_EXPONENT = 345.0  # e to this is about 1e150.
_EXACT = 1 << 53
_decimal = Context(prec=800)


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def decimal(number: int | float) -> Decimal:
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def comparable(number: int | float) -> Any:
    """Floats and ints compare as they are, except where doubles have gaps between integers."""
    return number if -_EXACT < number < _EXACT else decimal(number)


def double(number: Any) -> float | None:
    """Of a number that may be calculated with."""
    if number == 0 or LEAST <= abs(number) <= GREATEST:
        return float(number)
    return None


def calculated(op: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    one, two = double(left), double(right)
    return None if one is None or two is None else _CALCULATE[op](one, two)


def _power(base: float, exponent: float) -> float | None:
    if base == 0:
        return None if exponent < 0 else float(exponent == 0)
    if base < 0 and exponent != math.trunc(exponent):
        return None
    small = abs(exponent * math.log(abs(base))) <= MAX_EXPONENT
    return math.pow(base, exponent) if small else None


def _modulo(left: float, right: float) -> float | None:
    if not _divisible(left, right):
        return None
    return float(_decimal.remainder(decimal(left), decimal(right)))


def _whole(left: float, right: float) -> float | None:
    if not _divisible(left, right):
        return None
    return float(_decimal.divide_int(decimal(left), decimal(right)))


def _divisible(left: float, right: float) -> bool:
    return right != 0 and abs(left) <= _EXACT and abs(right) <= _EXACT


_CALCULATE: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
    "%": _modulo,
    "div": _whole,
    "^": _power,
}

_DIVISIBLE = f"r <> 0 and abs(l) <= {_EXACT} and abs(r) <= {_EXACT}"
_GOOD = "({0} = 0 or abs({0}) between 1e-150 and 1e150)"
_SQL = {
    "+": "l + r",
    "-": "l - r",
    "*": "l * r",
    "/": "case when r <> 0 then l / r end",
    "%": f"case when {_DIVISIBLE} then mod(l::text::numeric, r::text::numeric)::float8 end",
    "div": f"case when {_DIVISIBLE} then div(l::text::numeric, r::text::numeric)::float8 end",
    "^": (
        "case when l = 0 then case when r > 0 then 0 when r = 0 then 1 end"
        " when l > 0 or r = trunc(r) then"
        f" case when abs(r * ln(abs(l))) <= {MAX_EXPONENT} then power(l, r) end end"
    ),
}
# Each operand is written once, as nesting must not multiply the text; "offset 0" keeps the planner
# from doing just that.
_CALCULATION = (
    f"(select case when {_GOOD.format('l')} and {_GOOD.format('r')} then %s end"
    " from (select {0} as l, {1} as r offset 0) as operands)"
)


def sql_calculated(op: str, left: Sql, right: Sql) -> Sql:
    return sql(_CALCULATION % _SQL[op], left, right)

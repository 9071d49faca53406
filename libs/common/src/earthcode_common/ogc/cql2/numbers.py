"""Numbers and calculating with them, so that SQL and Python say the same and nothing overflows.

Numbers are compared by their decimal value. Calculating is done in doubles: an operand beyond
1e150, or closer to zero than 1e-150, gives null, as does a division by zero or a power that is no
number. ``%`` and ``div`` are those of the decimal values and truncate towards zero.
"""

import math
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

LEAST, GREATEST = 1e-150, 1e150
MAX_EXPONENT = 345.0  # e to this is about 1e150.
_EXACT = 1 << 53
_decimal = Context(prec=800)


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
    return float(_decimal.remainder(decimal(left), decimal(right))) if right else None


def _whole(left: float, right: float) -> float | None:
    return float(_decimal.divide_int(decimal(left), decimal(right))) if right else None


_CALCULATE: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
    "%": _modulo,
    "div": _whole,
    "^": _power,
}

_GOOD = "({0} = 0 or abs({0}) between 1e-150 and 1e150)"
_SQL = {
    "+": "l + r",
    "-": "l - r",
    "*": "l * r",
    "/": "case when r <> 0 then l / r end",
    "%": "case when r <> 0 then mod(l::text::numeric, r::text::numeric)::float8 end",
    "div": "case when r <> 0 then div(l::text::numeric, r::text::numeric)::float8 end",
    "^": (
        "case when l = 0 then case when r > 0 then 0 when r = 0 then 1 end"
        " when l > 0 or r = trunc(r) then"
        f" case when abs(r * ln(abs(l))) <= {MAX_EXPONENT} then power(l, r) end end"
    ),
}


class Calculation(FunctionElement[Any]):
    """An operation with two doubles; each is written once: nesting must not multiply the text."""

    type = Double()
    template: str


def sql_calculated(op: str, left: Any, right: Any) -> Calculation:
    return _CLASSES[op](left, right)


# One class each, so that SQLAlchemy can tell (and cache) the statements apart.
_CLASSES: dict[str, type[Calculation]] = {
    op: type(
        f"Calculation{number}",
        (Calculation,),
        {"template": template, "name": f"calculation{number}", "inherit_cache": True},
    )
    for number, (op, template) in enumerate(_SQL.items())
}


@compiles(Calculation)
def _compile(element: Calculation, compiler: Any, **keywords: Any) -> str:
    left, right = (compiler.process(clause, **keywords) for clause in element.clauses)
    good = f"{_GOOD.format('l')} and {_GOOD.format('r')}"
    # "offset 0" keeps the planner from writing the operands out again.
    operands = f"(select {left} as l, {right} as r offset 0) as operands"
    return f"(select case when {good} then {element.template} end from {operands})"

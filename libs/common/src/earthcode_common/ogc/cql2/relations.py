"""What the temporal predicates mean (OGC 21-065r2, temporal functions), and names of the others.

Each is a conjunction of comparisons between an end of the first time and one of the second. An
instant is an interval that ends where it starts.
"""

import operator
from typing import Any, Literal

Side = Literal[0, 1]
START: Side = 0
END: Side = 1
lt, gt, eq, le, ge = operator.lt, operator.gt, operator.eq, operator.le, operator.ge

TEMPORAL: dict[str, list[tuple[Side, Any, Side]]] = {
    "t_after": [(START, gt, END)],
    "t_before": [(END, lt, START)],
    "t_contains": [(START, lt, START), (END, gt, END)],
    "t_disjoint": [],  # The opposite of t_intersects.
    "t_during": [(START, gt, START), (END, lt, END)],
    "t_equals": [(START, eq, START), (END, eq, END)],
    "t_finishedby": [(START, lt, START), (END, eq, END)],
    "t_finishes": [(START, gt, START), (END, eq, END)],
    "t_intersects": [(START, le, END), (END, ge, START)],
    "t_meets": [(END, eq, START)],
    "t_metby": [(START, eq, END)],
    "t_overlappedby": [(START, gt, START), (START, lt, END), (END, gt, END)],
    "t_overlaps": [(START, lt, START), (END, gt, START), (END, lt, END)],
    "t_startedby": [(START, eq, START), (END, gt, END)],
    "t_starts": [(START, eq, START), (END, lt, END)],
}

# Comparisons between times; "=" and "<>" are t_intersects and t_disjoint.
ORDER: dict[str, tuple[Side, Any, Side]] = {
    "<": (END, lt, START),
    ">": (START, gt, END),
    "<=": (START, le, END),
    ">=": (END, ge, START),
}

SPATIAL = (
    "s_intersects",
    "s_equals",
    "s_disjoint",
    "s_touches",
    "s_within",
    "s_overlaps",
    "s_crosses",
    "s_contains",
)
ARRAY = ("a_equals", "a_contains", "a_containedby", "a_overlaps")


def temporal(op: str) -> tuple[list[tuple[Side, Any, Side]], bool]:
    """The comparisons of a predicate or operator, and whether their conjunction is negated."""
    if op in ORDER:
        return [ORDER[op]], False
    if op in ("t_disjoint", "<>"):
        return TEMPORAL["t_intersects"], True
    return TEMPORAL["t_intersects" if op == "=" else op], False

"""The states of a run and the ways between them (the diagram in the README is drawn from here)."""

from collections.abc import Mapping
from typing import Literal, get_args

State = Literal[
    "planned",
    "submitting",
    "queued",
    "running",
    "collecting",
    "comparing",
    "done",
    "failed",
    "cancelled",
    "lost",
]
Verdict = Literal[
    "identical", "content-identical", "within-tolerance", "different", "not-comparable"
]

STATES: tuple[State, ...] = get_args(State)
TERMINAL: frozenset[State] = frozenset({"done", "failed", "cancelled", "lost"})
# From best to worst; a run is as good as its worst output.
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

EDGES: Mapping[State, frozenset[State]] = {
    "planned": frozenset({"submitting", "failed", "cancelled"}),
    # Back to planned only when it is known that no job came to be.
    "submitting": frozenset(
        {"planned", "queued", "running", "collecting", "failed", "cancelled", "lost"}
    ),
    "queued": frozenset({"running", "collecting", "failed", "cancelled", "lost"}),
    "running": frozenset({"collecting", "failed", "cancelled", "lost"}),
    "collecting": frozenset({"comparing", "failed", "cancelled", "lost"}),
    "comparing": frozenset({"done", "failed", "cancelled"}),
    "done": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "lost": frozenset(),
}


class NotAnEdge(ValueError):
    """A move that the state machine does not have: a bug, never bad input."""


def check_move(before: State, after: State) -> None:
    if after not in EDGES[before]:
        raise NotAnEdge(f"a run does not go from {before} to {after}")


def worst(verdicts: list[Verdict]) -> Verdict:
    """Nothing compared is not comparable."""
    return max(verdicts, key=VERDICTS.index, default="not-comparable")

"""What is to become of a run after one step, decided from values alone."""

from dataclasses import dataclass, field
from datetime import datetime

from reproducer.domain.answers import Job
from reproducer.domain.states import State

LONGEST_RETRY = 60.0


@dataclass(frozen=True)
class Limits:
    reconcile_seconds: float = 120
    patience_seconds: float = 3600
    run_seconds: float = 24 * 3600
    longest_poll_seconds: float = 30


@dataclass(frozen=True)
class Situation:
    """A run as a decision sees it. ``trouble_since``: since when no answer was of use."""

    state: State
    now: datetime
    created: datetime
    posted: datetime | None = None
    marked: bool = False
    tries: int = 0
    trouble_since: datetime | None = None
    cancel_asked: bool = False
    settles_seconds: float | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def since_posted(self) -> float:
        return (self.now - self.posted).total_seconds() if self.posted else 0.0

    @property
    def troubled_for(self) -> float:
        return (self.now - self.trouble_since).total_seconds() if self.trouble_since else 0.0


@dataclass(frozen=True)
class Move:
    state: State
    message: str | None = None


@dataclass(frozen=True)
class Decision:
    """``moves`` are made in this order; without one the run stays where it is.

    ``reason`` says why a run failed or was lost. ``trouble`` counts a try that was of no use.
    """

    moves: tuple[Move, ...] = ()
    wake_in: float = 0.0
    trouble: bool = False
    job: Job | None = None
    progress: int | None = None
    message: str | None = None
    reason: str | None = None


def end(state: State, reason: str) -> Decision:
    return Decision(moves=(Move(state, reason),), reason=reason)


def try_again(now: Situation, detail: str, retry_after: float | None = None) -> Decision:
    """Ask again, later and later; ``retry_after`` is the platform's own wish, in seconds."""
    pause = min(0.5 * 2.0 ** min(now.tries, 10), LONGEST_RETRY)
    wish = min(max(retry_after or 0.0, 0.0), 600.0)
    return Decision(wake_in=max(pause, wish), trouble=True, message=detail)


def is_patient(now: Situation) -> bool:
    return now.troubled_for < now.limits.patience_seconds


def poll_in(now: Situation, retry_after: float | None = None) -> float:
    """Often at first, then ever less: a tenth of the time that the job has taken so far."""
    pause = min(max(now.since_posted / 10, 0.5), now.limits.longest_poll_seconds)
    return max(pause, min(retry_after or 0.0, 600.0))

"""What a platform may answer, whatever its dialect: adapters use these words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled", "unknown"]


@dataclass(frozen=True)
class Job:
    id: str
    url: str


@dataclass(frozen=True)
class Description:
    """What matters of a process description; empty sets when it does not say."""

    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    by_reference: bool = False


@dataclass(frozen=True)
class Trouble:
    """No usable answer to a question that may be asked again."""

    detail: str
    retry_after: float | None = None


@dataclass(frozen=True)
class Missing:
    """The platform says that there is no such thing."""

    detail: str = ""


@dataclass(frozen=True)
class Denied:
    """The platform wants other credentials."""

    detail: str = ""


@dataclass(frozen=True)
class Accepted:
    job: Job
    state: JobState = "queued"


@dataclass(frozen=True)
class Produced:
    """One output, written to ``path``."""

    name: str
    media_type: str
    path: Path


@dataclass(frozen=True)
class Results:
    outputs: Sequence[Produced]


@dataclass(frozen=True)
class Refused:
    """The platform said no, and made no job."""

    detail: str


@dataclass(frozen=True)
class NotSent:
    """The request did not reach the platform, or was turned away for being too much just now."""

    detail: str
    retry_after: float | None = None


@dataclass(frozen=True)
class Unanswered:
    """Nobody knows whether there is a job."""

    detail: str


@dataclass(frozen=True)
class NotReady:
    """The job has ended, its results are still to come."""


@dataclass(frozen=True)
class Status:
    state: JobState
    progress: int | None = None
    message: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class ListedJob:
    """A job in a platform's list. ``inputs`` is None when the platform does not echo them."""

    job: Job
    process: str | None
    created: datetime | None
    inputs: Mapping[str, Any] | None = field(default=None, compare=False)
    state: JobState = "unknown"


PostAnswer = Accepted | Results | Refused | NotSent | Unanswered
StatusAnswer = Status | Missing | Denied | Trouble
ResultsAnswer = Results | NotReady | Refused | Missing | Trouble
SearchAnswer = Sequence[ListedJob] | Trouble
DescribeAnswer = Description | Missing | Denied | Trouble
DismissAnswer = Literal["dismissed"] | Trouble

"""Getting a run onto a platform, exactly once (ADR 0007).

A POST is sent by the step that has just written the intent, and by nobody else. Whoever finds a
run in ``submitting`` looks for its job in the platform's list, and never posts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reproducer.domain.answers import (
    Accepted,
    Denied,
    DescribeAnswer,
    Description,
    Job,
    JobState,
    ListedJob,
    Missing,
    NotSent,
    PostAnswer,
    Refused,
    Results,
    SearchAnswer,
    Trouble,
)
from reproducer.domain.decision import Decision, Move, Situation, end, is_patient, try_again
from reproducer.domain.states import State

MARKER_INPUT = "marker"
# Clocks differ; a job that was made this long before the POST may still be ours.
CLOCK_SKEW = timedelta(seconds=60)
NEVER_TWICE = "nothing was posted a second time; start another run if this one is still wanted"


def marker_of(run_id: str) -> str:
    return f"earthcode:{run_id}"


def marked_inputs(inputs: Mapping[str, Any], known: Description, marker: str) -> dict[str, Any]:
    """The inputs as they are sent: with our marker where the process has an input for one."""
    sent = dict(inputs)
    if MARKER_INPUT in known.inputs:
        sent.setdefault(MARKER_INPUT, marker)
    return sent


def is_marked(sent: Mapping[str, Any], marker: str) -> bool:
    return sent.get(MARKER_INPUT) == marker


def after_describe(now: Situation, answer: DescribeAnswer) -> Decision | None:
    """None: go on and post."""
    if now.cancel_asked:
        return end("cancelled", "cancelled before anything was sent to the platform")
    if isinstance(answer, Missing):
        return end("failed", f"the platform does not offer the process: {answer.detail}")
    if isinstance(answer, Denied):
        return end("failed", f"the platform does not let us in: {answer.detail}")
    if isinstance(answer, Trouble):
        if not is_patient(now):
            return end("failed", f"the platform did not answer in time: {answer.detail}")
        return try_again(now, answer.detail, answer.retry_after)
    return None


def after_post(now: Situation, answer: PostAnswer) -> Decision:
    if isinstance(answer, Accepted):
        return has_job(answer.job, answer.state)
    if isinstance(answer, Results):
        message = "the platform answered with the results at once"
        return Decision(moves=(Move("collecting", message), Move("comparing")))
    if isinstance(answer, Refused):
        return end("failed", f"the platform refused: {answer.detail}")
    if isinstance(answer, NotSent):
        if not is_patient(now):
            return end("failed", f"the platform could not be reached: {answer.detail}")
        again = try_again(now, answer.detail, answer.retry_after)
        moves = (Move("planned", f"not sent: {answer.detail}"),)
        return Decision(moves=moves, wake_in=again.wake_in, trouble=True, message=answer.detail)
    return Decision(wake_in=0.5, trouble=True, message=f"no answer to the POST: {answer.detail}")


def has_job(job: Job, state: JobState = "queued", note: str | None = None) -> Decision:
    at: State = "running" if state == "running" else "queued"
    message = note or f"job {job.id}"
    return Decision(moves=(Move(at, message),), job=job, wake_in=0.2)


@dataclass(frozen=True)
class Sought:
    """What a job of ours looks like. ``taken`` are job ids that belong to other runs; ``rivals``
    says that another run of the same process also looks for its job."""

    process: str
    inputs: Mapping[str, Any]
    marker: str
    posted: datetime
    taken: Collection[str] = ()
    rivals: bool = False


def after_search(now: Situation, sought: Sought, answer: SearchAnswer) -> Decision:
    if isinstance(answer, Trouble):
        if now.since_posted > now.limits.patience_seconds:
            return _lost("the platform's list of jobs could not be read", answer.detail)
        return try_again(now, answer.detail, answer.retry_after)
    found = matching(sought, answer)
    if len(found) == 1:
        return has_job(found[0].job, found[0].state, f"found again as job {found[0].job.id}")
    return _none_or_many(now, found)


def _none_or_many(now: Situation, found: Sequence[ListedJob]) -> Decision:
    if not found and _cannot_be_there(now):
        message = "no job carries our marker: the request never arrived"
        return Decision(moves=(Move("planned", message),), message=message)
    if now.since_posted < now.limits.reconcile_seconds:
        return Decision(wake_in=_look_again_in(now), message="looking for the job")
    if found:
        ids = ", ".join(entry.job.id for entry in found[:5])
        return _lost("several jobs could be this one", ids)
    return _lost("the platform did not answer and lists no such job", "")


def _cannot_be_there(now: Situation) -> bool:
    """Only where the operator has promised how soon a job is listed, and it would be recognised."""
    return bool(now.marked and now.settles_seconds and now.since_posted > now.settles_seconds)


def _look_again_in(now: Situation) -> float:
    return min(max(now.since_posted / 5, 0.5), 10.0)


def _lost(what: str, detail: str) -> Decision:
    return end("lost", f"{what}{f' ({detail})' if detail else ''}; {NEVER_TWICE}")


def matching(sought: Sought, jobs: Sequence[ListedJob]) -> list[ListedJob]:
    """The jobs that can be ours: by marker if any is, else by process, time and echoed inputs."""
    free = [entry for entry in jobs if entry.job.id not in sought.taken]
    marked = [entry for entry in free if _echoed(entry) == sought.marker]
    return marked or [entry for entry in free if _could_be(sought, entry)]


def _echoed(entry: ListedJob) -> Any:
    return (entry.inputs or {}).get(MARKER_INPUT)


def _could_be(sought: Sought, entry: ListedJob) -> bool:
    if entry.process != sought.process or entry.created is None:
        return False
    if entry.created < sought.posted - CLOCK_SKEW:
        return False
    if entry.inputs is None:
        # Without an echo, time and process are all there is: not enough when two are looking.
        return not sought.rivals
    if is_marked(sought.inputs, sought.marker):
        return False
    # A server may add defaults, but does not change what it was given.
    same = all(entry.inputs.get(name) == value for name, value in sought.inputs.items())
    return same and not sought.rivals

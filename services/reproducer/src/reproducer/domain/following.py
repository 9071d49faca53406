"""What becomes of a job: its status, its end, its results."""

from reproducer.domain.answers import (
    Denied,
    DismissAnswer,
    Missing,
    NotReady,
    Refused,
    Results,
    ResultsAnswer,
    Status,
    StatusAnswer,
    Trouble,
)
from reproducer.domain.decision import (
    Decision,
    Move,
    Situation,
    end,
    is_patient,
    poll_in,
    try_again,
)
from reproducer.domain.states import State

# A platform may not know a job at once (or for a moment) that it has accepted.
MISSING_SECONDS = 60.0
MISSING_TRIES = 5
DISMISS_TRIES = 6


def wants_dismissal(now: Situation) -> str | None:
    """Why the job should be stopped now, if it should."""
    if now.cancel_asked:
        return "cancelled"
    if now.since_posted > now.limits.run_seconds:
        return f"it ran longer than {now.limits.run_seconds:.0f} seconds"
    return None


def after_dismiss(now: Situation, answer: DismissAnswer, why: str) -> Decision:
    if isinstance(answer, Trouble) and now.tries < DISMISS_TRIES:
        return try_again(now, f"stopping the job: {answer.detail}", answer.retry_after)
    unconfirmed = isinstance(answer, Trouble)
    note = "; the platform did not confirm that the job was stopped" if unconfirmed else ""
    if now.cancel_asked:
        return end("cancelled", f"cancelled{note}")
    return end("failed", f"{why}{note}")


def after_status(now: Situation, answer: StatusAnswer) -> Decision:
    if isinstance(answer, Status):
        return _known(now, answer)
    if isinstance(answer, Missing):
        if now.tries >= MISSING_TRIES and now.troubled_for >= MISSING_SECONDS:
            return end("lost", f"the platform no longer knows the job: {answer.detail}")
        return try_again(now, f"the platform does not know the job: {answer.detail}")
    if isinstance(answer, Denied):
        if now.tries >= MISSING_TRIES:
            return end("failed", f"the platform does not let us in: {answer.detail}")
        return try_again(now, answer.detail)
    if not is_patient(now):
        return end("lost", f"the platform did not answer in time: {answer.detail}")
    return try_again(now, answer.detail, answer.retry_after)


def _known(now: Situation, status: Status) -> Decision:
    if status.state == "succeeded":
        return Decision(moves=(Move("collecting"),), progress=100, message=status.message)
    if status.state == "failed":
        return end("failed", f"the job failed: {status.message or 'the platform does not say why'}")
    if status.state == "cancelled":
        return end("cancelled", "the job was stopped on the platform")
    begun = now.state == "queued" and status.state == "running"
    moves: tuple[Move, ...] = (Move("running"),) if begun else ()
    return Decision(
        moves=moves,
        wake_in=poll_in(now, status.retry_after),
        progress=status.progress,
        message=status.message,
    )


def after_results(now: Situation, answer: ResultsAnswer) -> Decision:
    if isinstance(answer, Results):
        names = ", ".join(sorted(output.name for output in answer.outputs))
        return Decision(moves=(Move("comparing", f"collected: {names}"),))
    if isinstance(answer, Refused):
        return end("failed", f"the results cannot be had: {answer.detail}")
    if isinstance(answer, Missing):
        if now.tries >= MISSING_TRIES and now.troubled_for >= MISSING_SECONDS:
            return end("lost", f"the platform no longer has the results: {answer.detail}")
        return try_again(now, f"no results yet: {answer.detail}")
    detail = "the results are not ready" if isinstance(answer, NotReady) else answer.detail
    if not is_patient(now):
        return end("failed", f"the results could not be collected in time: {detail}")
    return try_again(now, detail)


def cancelled_before(state: State) -> Decision:
    return end("cancelled", f"cancelled while {state}")

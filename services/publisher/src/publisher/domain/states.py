"""The life of a submission, as data: who may take it from which state to which."""

from dataclasses import dataclass

DRAFT, CHECKING, IN_REVIEW = "draft", "checking", "in_review"
CHANGES_REQUESTED, APPROVED = "changes_requested", "approved"
PUBLISHING, PUBLISH_FAILED, PUBLISHED = "publishing", "publish_failed", "published"
REJECTED, WITHDRAWN, EXPIRED, DELETED = "rejected", "withdrawn", "expired", "deleted"

OWNER, STEWARD, SYSTEM = "owner", "steward", "system"


@dataclass(frozen=True)
class Transition:
    origin: str
    action: str
    state: str
    by: frozenset[str]


def _t(origin: str, action: str, state: str, *by: str) -> Transition:
    return Transition(origin, action, state, frozenset(by))


TRANSITIONS = (
    _t(DRAFT, "submit", CHECKING, OWNER),
    _t(DRAFT, "delete", DELETED, OWNER),
    _t(DRAFT, "withdraw", WITHDRAWN, OWNER),
    _t(DRAFT, "expire", EXPIRED, SYSTEM),
    _t(CHECKING, "checks_passed", IN_REVIEW, SYSTEM),
    _t(CHECKING, "checks_inconclusive", IN_REVIEW, SYSTEM),
    _t(CHECKING, "checks_failed", CHANGES_REQUESTED, SYSTEM),
    _t(CHECKING, "withdraw", WITHDRAWN, OWNER),
    _t(IN_REVIEW, "request_changes", CHANGES_REQUESTED, STEWARD),
    _t(IN_REVIEW, "approve", APPROVED, STEWARD),
    _t(IN_REVIEW, "reject", REJECTED, STEWARD),
    _t(IN_REVIEW, "recall", DRAFT, OWNER),
    _t(IN_REVIEW, "recheck", CHECKING, OWNER, STEWARD, SYSTEM),
    _t(IN_REVIEW, "withdraw", WITHDRAWN, OWNER),
    _t(CHANGES_REQUESTED, "submit", CHECKING, OWNER),
    _t(CHANGES_REQUESTED, "withdraw", WITHDRAWN, OWNER),
    _t(CHANGES_REQUESTED, "expire", EXPIRED, SYSTEM),
    _t(APPROVED, "publish", PUBLISHING, STEWARD, SYSTEM),
    _t(APPROVED, "approval_stale", IN_REVIEW, STEWARD, SYSTEM),
    _t(APPROVED, "withdraw", WITHDRAWN, OWNER),
    _t(PUBLISHING, "committed", PUBLISHED, SYSTEM),
    _t(PUBLISHING, "failed", PUBLISH_FAILED, SYSTEM),
    _t(PUBLISH_FAILED, "retry", PUBLISHING, STEWARD, SYSTEM),
    _t(PUBLISH_FAILED, "abort", IN_REVIEW, STEWARD),
    _t(REJECTED, "reopen", DRAFT, STEWARD),
    _t(WITHDRAWN, "reopen", DRAFT, OWNER),
    _t(EXPIRED, "reopen", DRAFT, OWNER),
)
STATES = (*dict.fromkeys(t.origin for t in TRANSITIONS), PUBLISHED, DELETED)
EDITABLE = (DRAFT, CHANGES_REQUESTED)
# What people ask for by name; deleting has its own method, the rest is the worker's.
ACTIONS = tuple(
    dict.fromkeys(t.action for t in TRANSITIONS if t.by & {OWNER, STEWARD} and t.action != "delete")
)
COMMENT_REQUIRED = frozenset({"request_changes", "reject"})


@dataclass(frozen=True)
class Case:
    """What a guard looks at."""

    state: str
    digest: str
    submitted: bool  # some revision was submitted once
    sent_back: str | None  # digest of the revision for which changes were requested last
    recorded: bool  # its members are in the ledger
    submitter: bool  # the actor is its owner, or submitted it
    overtaken: str | None = None  # a member of which a version was published after the checks


@dataclass(frozen=True)
class Refusal:
    kind: str  # "unknown" | "forbidden" | "conflict" | "invalid"
    detail: str
    hint: str | None = None
    pointer: str | None = None


def decide(
    case: Case, action: str, parts: frozenset[str], *, comment: str = "", revision: str = ""
) -> str | Refusal:
    """The state that follows, or why not. ``parts`` are those the actor plays (owner, ...)."""
    named = [t for t in TRANSITIONS if t.action == action]
    if not named:
        return Refusal("unknown", f"There is no action {action!r}", f"one of {', '.join(ACTIONS)}")
    here = next((t for t in named if t.origin == case.state), None)
    if not any(t.by & parts for t in ([here] if here else named)):
        who = " or ".join(sorted((here or named[0]).by))
        return Refusal("forbidden", f"{action} is for the {who} of a submission")
    if here is None:
        now = ", ".join(allowed(case, parts)) or "nothing"
        return Refusal("conflict", f"It is {case.state}: {action} is not possible", f"now: {now}")
    return _guard(case, action, comment, revision) or here.state


def allowed(case: Case, parts: frozenset[str]) -> list[str]:
    """The actions that would not be refused now, given what they ask for."""
    return [
        t.action
        for t in TRANSITIONS
        if t.origin == case.state
        and t.by & parts
        and not _guard(case, t.action, comment="given", revision=case.digest)
    ]


def _guard(case: Case, action: str, comment: str, revision: str) -> Refusal | None:
    if action == "submit" and case.sent_back == case.digest:
        return Refusal(
            "conflict",
            "Nothing was changed since changes were requested",
            "change the submission (PUT), then submit it again",
        )
    if action == "delete" and case.submitted:
        return Refusal("conflict", "It was submitted once, so its history is kept", "withdraw it")
    if action == "abort" and case.recorded:
        return Refusal("conflict", "Its members are already public", "retry it")
    if action in COMMENT_REQUIRED and not comment.strip():
        return Refusal("invalid", f"{action} needs a comment that says why", pointer="/comment")
    return _approval(case, revision) if action == "approve" else None


def _approval(case: Case, revision: str) -> Refusal | None:
    if case.submitter:
        return Refusal(
            "forbidden", "Nobody approves their own submission", "ask another data steward"
        )
    if not revision:
        return Refusal(
            "invalid",
            "approve carries the revision that was reviewed",
            'send {"revision": "<the submission\'s revision>"}',
            "/revision",
        )
    if revision != case.digest:
        return Refusal(
            "conflict",
            "Another revision was reviewed than the current one",
            f"the current revision is {case.digest}",
            "/revision",
        )
    if case.overtaken:
        return Refusal(
            "conflict", f"A version of {case.overtaken} was published meanwhile", "recheck it"
        )
    return None

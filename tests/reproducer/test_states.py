"""The state machine, and the decisions that drive it, for every situation that can be made up."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reproducer.domain import following, submitting
from reproducer.domain.answers import (
    Accepted,
    Denied,
    Description,
    Job,
    JobState,
    ListedJob,
    Missing,
    NotReady,
    NotSent,
    Produced,
    Refused,
    Results,
    Status,
    Trouble,
    Unanswered,
)
from reproducer.domain.decision import Decision, Limits, Situation
from reproducer.domain.states import EDGES, STATES, TERMINAL, NotAnEdge, check_move

NOW = datetime(2026, 6, 1, tzinfo=UTC)
JOB = Job("j1", "http://x/jobs/j1")
TEXT = st.text(max_size=5)
SECONDS = st.none() | st.floats(-10, 1e6)
SECONDS_AGO = st.floats(0, 200_000)


@st.composite
def situations(draw: Any, state: str) -> Situation:
    posted = None if state == "planned" else NOW - timedelta(seconds=draw(SECONDS_AGO))
    troubled = draw(st.none() | SECONDS_AGO)
    return Situation(
        state=state,  # type: ignore[arg-type]
        now=NOW,
        created=NOW - timedelta(seconds=200_001),
        posted=posted,
        marked=draw(st.booleans()),
        tries=draw(st.integers(0, 2000)),
        trouble_since=None if troubled is None else NOW - timedelta(seconds=troubled),
        cancel_asked=draw(st.booleans()),
        settles_seconds=draw(st.none() | st.floats(1, 100)),
        limits=Limits(),
    )


def is_legal(state: str, decision: Decision) -> None:
    """Every move is an edge; a run that stays is looked at again, but not in a busy loop."""
    at: Any = state
    for move in decision.moves:
        check_move(at, move.state)
        at = move.state
    if at in TERMINAL:
        assert decision.reason or at == "done"
    elif not decision.moves:
        assert 0.2 <= decision.wake_in <= 600


def test_the_machine_ends() -> None:
    assert set(EDGES) == set(STATES)
    for state, after in EDGES.items():
        assert after <= set(STATES)
        assert (not after) == (state in TERMINAL)
        assert state not in after
    with pytest.raises(NotAnEdge):
        check_move("done", "queued")


def test_every_state_leads_to_an_end() -> None:
    for state in STATES:
        seen, border = {state}, {state}
        while border:
            border = {b for a in border for b in EDGES[a]} - seen
            seen |= border
        assert seen & TERMINAL


TROUBLE = st.builds(Trouble, TEXT, SECONDS)
DENIED = st.builds(Denied, TEXT)
MISSING = st.builds(Missing, TEXT)
RESULTS = st.just(Results([Produced("a", "text/csv", Path("x"))]))
STATUS = st.builds(
    Status,
    state=st.sampled_from(get_args(JobState)),
    progress=st.none() | st.integers(0, 100),
    message=st.none() | TEXT,
    retry_after=SECONDS,
)
POSTED = st.one_of(
    st.builds(Accepted, st.just(JOB), st.sampled_from(get_args(JobState))),
    RESULTS,
    st.builds(Refused, TEXT),
    st.builds(NotSent, TEXT, SECONDS),
    st.builds(Unanswered, TEXT),
)


@given(situations("planned"), TROUBLE | DENIED | MISSING | st.just(Description()))
def test_before_the_post(now: Situation, answer: Any) -> None:
    decision = submitting.after_describe(now, answer)
    if decision is None:
        assert isinstance(answer, Description)
        assert not now.cancel_asked
    else:
        is_legal("planned", decision)


@given(situations("submitting"), POSTED)
def test_after_the_post(now: Situation, answer: Any) -> None:
    decision = submitting.after_post(now, answer)
    is_legal("submitting", decision)
    back = any(move.state == "planned" for move in decision.moves)
    assert back <= isinstance(answer, NotSent), "only what was not sent may be sent again"
    if isinstance(answer, Unanswered):
        assert decision.moves == ()
    if isinstance(answer, Accepted):
        assert decision.job == JOB


LISTED = st.builds(
    ListedJob,
    st.builds(lambda n: Job(f"j{n}", f"http://x/jobs/j{n}"), st.integers(0, 4)),
    process=st.sampled_from(["p", "q"]),
    created=st.none() | st.builds(lambda s: NOW - timedelta(seconds=s), st.floats(-50, 2000)),
    inputs=st.sampled_from([None, {"a": 1}, {"a": 2}, {"marker": "m"}, {"marker": "n"}]),
    state=st.sampled_from(get_args(JobState)),
)


@st.composite
def sought(draw: Any, posted: datetime, marked: bool) -> submitting.Sought:
    inputs = {"a": 1} | ({"marker": "m"} if marked else {})
    taken = draw(st.sets(st.sampled_from(["j0", "j1", "j2"])))
    return submitting.Sought("p", inputs, "m", posted, taken, draw(st.booleans()))


@given(situations("submitting"), st.lists(LISTED, max_size=5) | TROUBLE, st.data())
def test_the_search_never_takes_a_wrong_job(now: Situation, answer: Any, data: Any) -> None:
    assert now.posted
    wanted = data.draw(sought(now.posted, now.marked))
    decision = submitting.after_search(now, wanted, answer)
    is_legal("submitting", decision)
    if decision.job:
        entry = next(e for e in answer if e.job == decision.job and _is_candidate(wanted, e))
        assert entry.job.id not in wanted.taken
        assert (entry.inputs or {}).get("marker") in (None, "m")
    back = any(move.state == "planned" for move in decision.moves)
    if back:
        assert now.marked
        assert now.settles_seconds
        assert not submitting.matching(wanted, answer)


def _is_candidate(wanted: submitting.Sought, entry: ListedJob) -> bool:
    return entry in submitting.matching(wanted, [entry])


@given(situations("submitting"))
def test_an_unanswered_post_is_not_looked_for_for_ever(now: Situation) -> None:
    assert now.posted
    wanted = submitting.Sought("p", {}, "m", now.posted)
    decision = submitting.after_search(now, wanted, [])
    if now.since_posted > now.limits.reconcile_seconds:
        assert decision.moves[0].state in ("lost", "planned")


@pytest.mark.parametrize("state", ["queued", "running"])
@given(answer=STATUS | TROUBLE | DENIED | MISSING, data=st.data())
def test_following_a_job(state: str, answer: Any, data: Any) -> None:
    now = data.draw(situations(state))
    decision = following.after_status(now, answer)
    is_legal(state, decision)
    unknown = isinstance(answer, Status) and answer.state == "unknown"
    assert not (unknown and decision.moves), "an unknown word is never an end"


@given(situations("running"), st.just("dismissed") | TROUBLE)
def test_stopping_a_job(now: Situation, answer: Any) -> None:
    decision = following.after_dismiss(now, answer, "too long")
    is_legal("running", decision)
    if now.tries >= following.DISMISS_TRIES and isinstance(answer, Trouble):
        assert "did not confirm" in (decision.reason or "")
    if answer == "dismissed":
        assert decision.moves[0].state == ("cancelled" if now.cancel_asked else "failed")


@given(
    situations("collecting"),
    st.one_of(RESULTS, TROUBLE, MISSING, st.builds(Refused, TEXT), st.just(NotReady())),
)
def test_collecting(now: Situation, answer: Any) -> None:
    is_legal("collecting", following.after_results(now, answer))


def test_a_job_that_is_not_known_at_once_is_not_lost() -> None:
    moment = timedelta(seconds=30)
    now = Situation("queued", NOW, NOW, NOW, tries=20, trouble_since=NOW - moment)
    assert following.after_status(now, Missing()).moves == ()
    moment = timedelta(seconds=61)
    now = Situation("queued", NOW, NOW, NOW, tries=20, trouble_since=NOW - moment)
    assert following.after_status(now, Missing()).moves[0].state == "lost"


def test_the_picture_in_the_readme_is_the_machine() -> None:
    readme = Path(__file__).parents[2] / "services/reproducer/README.md"
    found = re.findall(r"^    (\w+) --> (\w+)", readme.read_text("utf-8"), re.MULTILINE)
    assert sorted(found) == sorted((a, b) for a in STATES for b in EDGES[a])

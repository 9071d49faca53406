"""Who acts, and which parts they play for a submission."""

from dataclasses import dataclass

from earthcode_common.auth import Principal

from publisher.domain.states import OWNER, STEWARD, SYSTEM, Case
from publisher.store.submissions import Submission

AUTHORS = ("contributor", "platform", "steward", "technical-officer")
OVERSEERS = ("steward", "operator")


@dataclass(frozen=True)
class Actor:
    sub: str
    name: str
    platform: str | None = None
    steward: bool = False
    system: bool = False


WORKER = Actor("system", "", system=True)


def actor(who: Principal) -> Actor:
    return Actor(who.sub, who.name, who.platform, who.has("steward"))


def owns(who: Actor, sub: str, platform: str | None) -> bool:
    """People own what they made; clients of one platform own it together."""
    return who.sub == sub or (who.platform is not None and who.platform == platform)


def parts(who: Actor, at: Submission) -> frozenset[str]:
    owner = owns(who, at.owner_sub, at.owner_platform)
    played = {OWNER: owner, STEWARD: who.steward, SYSTEM: who.system}
    return frozenset(part for part, does in played.items() if does)


def case(who: Actor, at: Submission) -> Case:
    return Case(
        state=at.state,
        digest=at.digest,
        submitted=at.submitted_by is not None,
        sent_back=at.last_revision if at.last_action == "request_changes" else None,
        recorded=at.recorded,
        submitter=who.sub == at.submitted_by or owns(who, at.owner_sub, at.owner_platform),
        overtaken=at.overtaken,
    )

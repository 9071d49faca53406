"""Taking over what somebody else published: allowed, but never unseen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from publisher.domain.checks.rules import Fault, Finding, Member, Rule, declare, finding, shown

OWNER = declare(
    Rule(
        "entity.owner",
        "warning",
        "an entity is replaced by those who published it",
        "a reviewer should know when somebody changes what another published",
    )
)


@dataclass(frozen=True)
class Holder:
    """Whose the current version is; ``source`` is where an import took it from."""

    version: int
    sub: str
    name: str
    platform: str | None
    source: str | None


def takeovers(
    members: Iterable[Member],
    holders: Mapping[tuple[str, str], Holder],
    sub: str,
    platform: str | None,
) -> list[Finding]:
    """A finding for every member that replaces what is not ``sub``'s or ``platform``'s."""
    found = []
    for member in members:
        holder = holders.get((member.kind, member.id))
        if holder and not _same(holder, sub, platform):
            found.append(finding(OWNER, member, _fault(member, holder)))
    return found


def _same(holder: Holder, sub: str, platform: str | None) -> bool:
    return holder.sub == sub or (platform is not None and holder.platform == platform)


def _fault(member: Member, holder: Holder) -> Fault:
    owner = shown(holder.name or holder.sub)
    if holder.platform:
        owner += f" of the platform {shown(holder.platform)}"
    origin = f", imported from {shown(holder.source)}" if holder.source else ""
    said = f"It replaces version {holder.version} of {member.kind} {member.id}, which is {owner}'s"
    return Fault("", said + origin, "make sure that they agree")

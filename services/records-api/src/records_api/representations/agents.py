"""Who stands behind a record: contacts of OGC API - Records (20-004r1, clause 8.2.7)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from records_api.representations import values

_ORCID = re.compile(r"(?:https?://)?orcid\.org/((?:\d{4}-){3}\d{3}[\dX])/?", re.ASCII)
_BARE_ORCID = re.compile(r"(?:\d{4}-){3}\d{3}[\dX]", re.ASCII)
_ROR = re.compile(r"(?:https?://)?ror\.org/(0[a-hj-km-np-tv-z0-9]{6}\d\d)/?", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_`~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
PUBLISHING = ("publisher", "distributor")
CREATING = ("creator", "author", "producer", "originator", "principal investigator", "processor")


class Agent(NamedTuple):
    """A person of an organization, or (with an empty ``name``) an organization.

    ``orcid`` and ``ror`` are addresses; roles are in lower case.
    """

    name: str
    organization: str
    email: str | None
    url: str | None
    orcid: str | None
    ror: str | None
    roles: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.name or self.organization

    def has_role(self, *roles: str) -> bool:
        return any(role in roles for role in self.roles)


def agents(contacts: Any) -> list[Agent]:
    """Those contacts that have a name; one that is said twice counts once."""
    found = (_agent(one) for one in values.mappings(contacts))
    return list(dict.fromkeys(one for one in found if one.label))


def _agent(contact: Mapping[str, Any]) -> Agent:
    addresses = [values.iri(one.get("href")) for one in values.mappings(contact.get("links"))]
    said = [values.text(contact.get("identifier")), *(one for one in addresses if one)]
    orcid, ror = _identified(said, _ORCID), _identified(said, _ROR)
    if not orcid and _BARE_ORCID.fullmatch(said[0]):
        orcid = said[0]
    roles = (role.lower().replace("_", " ") for role in values.texts(contact.get("roles")))
    return Agent(
        values.text(contact.get("name")),
        values.text(contact.get("organization")),
        values.first(_emails(contact.get("emails"))),
        values.first(one for one in addresses if one and one.startswith("http")),
        f"https://orcid.org/{orcid}" if orcid else None,
        f"https://ror.org/{ror}" if ror else None,
        tuple(roles),
    )


def _identified(said: Iterable[str], pattern: re.Pattern[str]) -> str | None:
    return values.first(found[1] for one in said if (found := pattern.fullmatch(one)))


def _emails(value: Any) -> Iterator[str]:
    for one in values.mappings(value):
        if _EMAIL.fullmatch(address := values.text(one.get("value"))):
            yield address


def creators(found: Iterable[Agent]) -> list[Agent]:
    """Those with a role that creates, else all that are not there for publishing alone."""
    all_of_them = list(found)
    named = [one for one in all_of_them if one.has_role(*CREATING)]
    return named or [one for one in all_of_them if not one.has_role("host", *PUBLISHING)]


def publisher(found: Iterable[Agent]) -> Agent | None:
    return next((one for one in found if one.has_role(*PUBLISHING)), None)

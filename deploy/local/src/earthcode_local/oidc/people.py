"""The people of a local deployment. Everyone who can reach the machine's loopback knows them."""

from dataclasses import dataclass
from typing import Any

PASSWORD = "earthcode"


@dataclass(frozen=True)
class Person:
    username: str
    given_name: str
    family_name: str
    title: str
    roles: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


PEOPLE = {
    person.username: person
    for person in (
        Person("cora", "Cora", "Lindqvist", "Contributor", ("contributor",)),
        Person("stella", "Stella", "Moreau", "Data steward", ("steward",)),
        Person("theo", "Theo", "Okafor", "Technical officer", ("technical-officer",)),
        Person("otto", "Otto", "Brandt", "Operator", ("operator",)),
        Person("rita", "Rita", "Silva", "Reader", ("reader",)),
    )
}


def person_with_role(role: str) -> Person | None:
    return next((person for person in PEOPLE.values() if role in person.roles), None)


def claims(person: Person, scope: str) -> dict[str, Any]:
    """What the scopes of OpenID Connect Core 5.4 release; `roles` always."""
    asked = scope.split()
    found: dict[str, Any] = {"sub": person.username, "roles": list(person.roles)}
    if "profile" in asked:
        found |= {
            "name": person.name,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "preferred_username": person.username,
        }
    if "email" in asked:
        found |= {"email": f"{person.username}@earthcode.example", "email_verified": True}
    return found

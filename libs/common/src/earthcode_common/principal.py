"""Who asks; how that is known is in ``auth``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Principal:
    sub: str
    name: str = ""
    roles: frozenset[str] = frozenset({"reader"})
    platform: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def anonymous(self) -> bool:
        return self.sub == "anonymous"

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)


ANONYMOUS = Principal("anonymous")

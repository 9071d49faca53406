"""Who asks, as the gateway found out, and what a service is told of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from auth_gateway.domain.claims import MAX_TOKEN, Refused, urn

BASE = frozenset({"reader"})
Method = Literal["none", "session", "bearer"]
_BEARER = re.compile(rb"bearer ([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Caller:
    """``sub`` is the federation's name; (``issuer``, ``subject``) is where it comes from."""

    sub: str = "anonymous"
    name: str = ""
    roles: frozenset[str] = BASE
    platform: str | None = None
    method: Method = "none"
    issuer: str = ""
    subject: str = ""
    client: str = ""
    session: bytes = b""

    @property
    def anonymous(self) -> bool:
        return self.method == "none"


ANONYMOUS = Caller()


@dataclass(frozen=True)
class Grant:
    """A row of the role table: what the gateway itself adds to an issuer's word."""

    roles: frozenset[str] = frozenset()
    platform: str | None = None


def caller(
    method: Method,
    issuer: str,
    subject: str,
    *,
    name: str,
    roles: frozenset[str],
    platform: str | None,
    grant: Grant,
    client: str = "",
    session: bytes = b"",
) -> Caller:
    return Caller(
        sub=urn(issuer, subject),
        name=name,
        roles=BASE | roles | grant.roles,
        platform=grant.platform or platform,
        method=method,
        issuer=issuer,
        subject=subject,
        client=client,
        session=session,
    )


def bearer(authorization: bytes) -> str:
    """The token of an Authorization header; raises Refused for anything but one bearer token."""
    match = _BEARER.fullmatch(authorization.strip(b" "))
    if not match:
        raise Refused("exactly `Authorization: Bearer <token>` is understood")
    if len(match[1]) > MAX_TOKEN:
        raise Refused(f"it is longer than {MAX_TOKEN} characters")
    return match[1].decode("ascii")


def cookie(headers: Iterable[tuple[bytes, bytes]], name: str) -> str | None:
    """The value of a cookie; None when absent or sent twice with different values."""
    prefix = name.encode() + b"="
    pairs = [p.strip() for key, value in headers if key == b"cookie" for p in value.split(b";")]
    values = {pair.removeprefix(prefix) for pair in pairs if pair.startswith(prefix)}
    return values.pop().decode("latin-1") if len(values) == 1 else None

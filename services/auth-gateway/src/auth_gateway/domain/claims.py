"""What the claims of an outside token must say (RFC 9068, OpenID Connect Core 3.1.3.7).

The signature was verified before, with pinned algorithms and the keys of exactly this issuer.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

LEEWAY = 30
MAX_TOKEN = 8192
# Headers that would let a token choose how it is verified, or change what is signed.
REFUSED_HEADERS = ("crit", "b64", "jku", "jwk", "x5u", "x5c", "zip", "enc")
ACCESS_TYPES = ("at+jwt", "application/at+jwt", "jwt")
_NOT_ACCESS = ("nonce", "at_hash", "c_hash", "s_hash", "events")

Claims = Mapping[str, Any]


class Refused(ValueError):
    """Why a token is not accepted, in words for the one who sent it."""


@dataclass(frozen=True)
class Subject:
    """Somebody an issuer vouches for. ``sub`` alone means nothing without its issuer."""

    issuer: str
    sub: str
    name: str
    client: str
    roles: frozenset[str]
    platform: str | None
    expires: float

    @property
    def urn(self) -> str:
        return urn(self.issuer, self.sub)


def urn(issuer: str, sub: str) -> str:
    """The federation's stable name of (issuer, sub): survives a lost database, never an e-mail."""
    return f"urn:earthcode:user:{uuid5(NAMESPACE_URL, f'{issuer} {sub}')}"


def check_header(header: Mapping[str, Any], algorithms: Iterable[str]) -> None:
    if header.get("alg") not in tuple(algorithms):
        raise Refused("its algorithm is not accepted here")
    for name in REFUSED_HEADERS:
        if name in header:
            raise Refused(f"its header holds {name!r}")


def check_access_token(header: Mapping[str, Any], claims: Claims) -> None:
    """Refuses what an issuer signed for another purpose: ID, refresh, logout tokens."""
    if str(header.get("typ", "JWT")).lower() not in ACCESS_TYPES:
        raise Refused("it is not an access token (typ)")
    found = [name for name in _NOT_ACCESS if name in claims]
    purpose = str(claims.get("token_use") or claims.get("typ") or "").lower()
    if found or purpose in ("id", "refresh", "logout", "offline"):
        raise Refused("it is not an access token but was issued for another purpose")


def check_times(claims: Claims, now: float) -> None:
    expires, issued = _instant(claims, "exp"), _instant(claims, "iat")
    if expires is None or issued is None:
        raise Refused("it does not say when it was issued and when it expires (iat, exp)")
    if expires <= now - LEEWAY:
        raise Refused("it has expired")
    start = _instant(claims, "nbf")
    if issued > now + LEEWAY or (start is not None and start > now + LEEWAY):
        raise Refused("it is not valid yet")


def _instant(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(f"its {name} is not a time")
    return float(value)


def check_audience(claims: Claims, audience: str) -> None:
    given = claims.get("aud")
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or audience not in given:
        raise Refused(f"it is meant for somebody else (its aud is not {audience!r})")


def check_login(claims: Claims, client_id: str, nonce: str) -> None:
    """The rules for ID tokens beyond signature, issuer, audience and times."""
    if claims.get("nonce") != nonce:
        raise Refused("it does not belong to this login (nonce)")
    azp, aud = claims.get("azp"), claims.get("aud")
    several = isinstance(aud, list) and len(aud) > 1
    if (azp is not None or several) and azp != client_id:
        raise Refused("it was issued to another client (azp)")


def subject(
    claims: Claims, *, roles_claim: str, platform_claim: str, grantable: frozenset[str]
) -> Subject:
    """The person or platform that checked claims speak of; raises Refused without a usable sub."""
    sub = claims.get("sub")
    if not isinstance(sub, str) or not 0 < len(sub) <= 255:
        raise Refused("its sub is not a name")
    platform = _at(claims, platform_claim)
    client = claims.get("client_id") or claims.get("azp") or ""
    return Subject(
        issuer=str(claims["iss"]),
        sub=sub,
        name=_name(claims, sub),
        client=str(client)[:255],
        roles=_words(_at(claims, roles_claim)) & grantable,
        platform=platform if isinstance(platform, str) and platform else None,
        expires=float(claims["exp"]),
    )


def _name(claims: Claims, sub: str) -> str:
    for key in ("name", "preferred_username", "client_id"):
        value = claims.get(key)
        if isinstance(value, str) and value.strip():
            return "".join(c for c in value if c.isprintable())[:120]
    return sub


def _at(claims: Claims, path: str) -> Any:
    """A claim by its name, else by a dotted path ("realm_access.roles")."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _words(value: Any) -> frozenset[str]:
    """A list of role names, or one string with blanks between; anything else grants nothing."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or len(words) > 500:
        return frozenset()
    return frozenset(word for word in words if isinstance(word, str))

"""The provider's signing keys (RS256), kept in a private JWK set; the first one signs."""

from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from earthcode_local.files import read_json, write_json

ALGORITHM = "RS256"


def load_keys(path: Path) -> KeySet:
    """The keys in the file, made at the first start."""
    stored = read_json(path)
    if stored is None:
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        stored = KeySet([key]).as_dict(private=True)
        write_json(path, stored)
    return KeySet.import_key_set(stored)


def public_jwks(keys: KeySet) -> dict[str, Any]:
    return dict(keys.as_dict(private=False))


def sign(keys: KeySet, typ: str, claims: dict[str, Any]) -> str:
    key = keys.keys[0]
    header = {"alg": ALGORITHM, "typ": typ, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def verified(keys: KeySet, typ: str, token: str) -> dict[str, Any] | None:
    """The claims of a token we signed, expired or not; None for anything else."""
    try:
        decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        return None
    return dict(decoded.claims) if decoded.header.get("typ") == typ else None

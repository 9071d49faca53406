"""The gateway's signing keys: a private JWK set in a file, current first, then next and previous.

The first key signs. All are published, so that a next key is known before it signs and a previous
one is known until its last token has expired. The file is read again when it changes.
"""

import os
import time
from pathlib import Path
from typing import Any

import orjson
from earthcode_common.settings import ServiceSettings
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

LOOK_AGAIN = 15.0


class SigningKeys:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._changed = self._version()
        self._looked = time.monotonic()
        self.keys = read(path)

    @property
    def current(self) -> ECKey:
        self._look_again()
        return self.keys[0]

    def public(self) -> dict[str, Any]:
        self._look_again()
        found = [key.as_dict(private=False) for key in self.keys]
        return {"keys": [key | {"use": "sig", "alg": "ES256"} for key in found]}

    def _look_again(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK_AGAIN:
            return
        self._looked = now
        if (version := self._version()) != self._changed:
            self.keys, self._changed = read(self.path), version

    def _version(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_mtime_ns, status.st_ino


def load(settings: ServiceSettings, path: Path) -> SigningKeys:
    """The keys of a file; a local deployment makes it at the first start. Raises OSError."""
    if settings.environment == "local" and not path.exists():
        write(path, [new_key(), new_key()])
    return SigningKeys(path)


def read(path: Path) -> list[ECKey]:
    """Raises ValueError for anything but private P-256 keys."""
    try:
        keys = KeySet.import_key_set(orjson.loads(path.read_bytes())).keys
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a JWK set: {error}") from error
    found = [key for key in keys if isinstance(key, ECKey) and key.curve_name == "P-256"]
    if not found or len(found) != len(keys) or not all(key.is_private for key in found):
        raise ValueError(f"{path} must hold private P-256 keys and nothing else")
    for key in found:
        key.ensure_kid()
    return found


def write(path: Path, keys: list[ECKey]) -> None:
    """Replace the file at once; nobody but its owner may read it."""
    text = orjson.dumps({"keys": [key.as_dict(private=True) for key in keys]})
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def rotated(keys: list[ECKey]) -> list[ECKey]:
    """The next key becomes current, the current one previous, and a new next one is announced."""
    current, *others = keys
    following = others[0] if others else new_key()
    return [following, new_key(), current]


def new_key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)

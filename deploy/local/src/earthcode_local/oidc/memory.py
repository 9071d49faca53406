"""What the provider remembers: sessions, codes and device codes until it ends, refresh tokens
for longer."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from earthcode_local.files import read_json, write_json

CODE_SECONDS = 60
DEVICE_SECONDS = 600
DEVICE_INTERVAL = 5
SESSION_SECONDS = 12 * 3600
REFRESH_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Session:
    id: str
    person: str
    auth_time: int
    expires: float


@dataclass(frozen=True)
class Grant:
    """What a person allowed a client; all tokens come from one."""

    client: str
    person: str
    scope: str
    auth_time: int
    sid: str
    nonce: str | None = None


@dataclass
class Code:
    grant: Grant
    redirect_uri: str
    challenge: str
    expires: float
    family: str | None = None
    used: bool = False


@dataclass
class Device:
    client: str
    scope: str
    user_code: str
    expires: float
    interval: int = DEVICE_INTERVAL
    polled: float = 0.0
    grant: Grant | None = None
    denied: bool = False


@dataclass(frozen=True)
class Family:
    """A chain of refresh tokens: one is current, and whoever shows an older one ends the chain."""

    grant: Grant
    current: str
    expires: float
    ended: bool = False


class Expiring(Protocol):
    @property
    def expires(self) -> float: ...


Row = TypeVar("Row", bound=Expiring)


@dataclass
class Memory:
    families_file: Path
    clock: Callable[[], float] = time.time
    sessions: dict[str, Session] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)


def load_memory(families_file: Path, clock: Callable[[], float] = time.time) -> Memory:
    rows = read_json(families_file) or {}
    return Memory(families_file, clock, families={key: _family(row) for key, row in rows.items()})


def _family(row: dict[str, Any]) -> Family:
    return Family(**{**row, "grant": Grant(**row["grant"])})


def open_session(memory: Memory, person: str) -> Session:
    now = memory.clock()
    session = Session(secrets.token_urlsafe(24), person, int(now), now + SESSION_SECONDS)
    memory.sessions = alive(memory, memory.sessions)
    memory.sessions[session.id] = session
    return session


def session_of(memory: Memory, id: str | None) -> Session | None:
    found = memory.sessions.get(id or "")
    return found if found and found.expires > memory.clock() else None


def close_session(memory: Memory, id: str) -> None:
    """End the session and every refresh token that came from it."""
    memory.sessions.pop(id, None)
    end_families(memory, [key for key, f in memory.families.items() if f.grant.sid == id])


def open_code(memory: Memory, grant: Grant, redirect_uri: str, challenge: str) -> str:
    code = secrets.token_urlsafe(32)
    memory.codes = alive(memory, memory.codes)
    expires = memory.clock() + CODE_SECONDS
    memory.codes[code] = Code(grant, redirect_uri, challenge, expires)
    return code


def open_device(memory: Memory, client: str, scope: str, user_code: str) -> str:
    device_code = secrets.token_urlsafe(32)
    memory.devices = alive(memory, memory.devices)
    expires = memory.clock() + DEVICE_SECONDS
    memory.devices[device_code] = Device(client, scope, user_code, expires)
    return device_code


def open_family(memory: Memory, grant: Grant) -> tuple[str, str]:
    """Id of a new chain and its first refresh token."""
    key = secrets.token_urlsafe(12)
    memory.families = alive(memory, memory.families)
    return key, _advance(memory, key, Family(replace(grant, nonce=None), "", 0))


def rotate(memory: Memory, token: str) -> tuple[Grant, str] | None:
    """The grant and the next token; None when the token is unknown, expired, or was used before.

    A token used before is in the hands of two parties (RFC 9700 section 4.14.2): the chain ends.
    """
    key, _, secret = token.partition(".")
    family = memory.families.get(key)
    if family is None or family.ended or family.expires < memory.clock():
        return None
    if digest(secret) != family.current:
        end_families(memory, [key])
        return None
    return family.grant, _advance(memory, key, family)


def family_of(memory: Memory, token: str) -> Family | None:
    return memory.families.get(token.partition(".")[0])


def end_families(memory: Memory, keys: Iterable[str]) -> None:
    for key in keys:
        memory.families[key] = replace(memory.families[key], ended=True)
    _save(memory)


def _advance(memory: Memory, key: str, family: Family) -> str:
    secret = secrets.token_urlsafe(32)
    memory.families[key] = replace(
        family, current=digest(secret), expires=memory.clock() + REFRESH_SECONDS
    )
    _save(memory)
    return f"{key}.{secret}"


def _save(memory: Memory) -> None:
    write_json(memory.families_file, {key: asdict(f) for key, f in memory.families.items()})


def alive(memory: Memory, rows: dict[str, Row]) -> dict[str, Row]:
    now = memory.clock()
    return {key: row for key, row in rows.items() if row.expires > now}


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

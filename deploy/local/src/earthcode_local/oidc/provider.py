"""The provider as a value, and the conditions under which it agrees to run."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from joserfc.jwk import KeySet
from starlette.requests import Request

from earthcode_local.oidc.clients import Client, read_clients
from earthcode_local.oidc.errors import PageError
from earthcode_local.oidc.keys import load_keys
from earthcode_local.oidc.memory import Memory, load_memory

AUDIENCE = "earthcode"
TOKEN_SECONDS = 3600


class RefusedToStart(RuntimeError):
    """This provider's passwords are public: it is for one machine's own use."""


@dataclass(frozen=True)
class Provider:
    """`issuer` has no trailing slash; `audience` goes into every access token."""

    issuer: str
    audience: str
    clients: Mapping[str, Client]
    keys: KeySet
    memory: Memory


def load_provider(issuer: str, folder: Path, environment: str) -> Provider:
    """The provider with its keys, clients and refresh tokens in `folder`.

    RefusedToStart outside a local deployment and for an issuer others could reach.
    """
    refuse_unless_local(issuer, environment)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Provider(
        issuer,
        AUDIENCE,
        read_clients(folder / "clients.json"),
        load_keys(folder / "keys.json"),
        load_memory(folder / "refresh.json"),
    )


def refuse_unless_local(issuer: str, environment: str) -> None:
    if environment != "local":
        raise RefusedToStart("the development provider needs EARTHCODE_ENVIRONMENT=local")
    address = urlsplit(issuer)
    if address.scheme != "http" or not is_loopback(address.hostname or ""):
        raise RefusedToStart(f"the development provider is for loopback addresses, not {issuer}")
    if address.username or address.path or address.query or address.fragment:
        raise RefusedToStart(f"the issuer is an address alone, not {issuer}")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def provider_of(request: Request) -> Provider:
    found: Provider = request.app.state.provider
    return found


def client_named(provider: Provider, id: str | None) -> Client:
    client = provider.clients.get(id or "")
    if client is None:
        raise PageError(f"There is no client {id!r} here.")
    return client

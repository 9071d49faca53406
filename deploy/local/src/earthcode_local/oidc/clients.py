"""The programs that may ask the provider for tokens, as listed in `clients.json`."""

import hmac
from dataclasses import dataclass
from pathlib import Path

from earthcode_local.files import read_json

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True)
class Client:
    """`secret` None is a public client; `roles` and `platform` are those of the client itself."""

    id: str
    title: str
    secret: str | None = None
    grants: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    platform: str | None = None

    def knows(self, secret: str | None) -> bool:
        if self.secret is None or secret is None:
            return self.secret is secret
        return hmac.compare_digest(self.secret.encode(), secret.encode())


def read_clients(path: Path) -> dict[str, Client]:
    rows = read_json(path) or []
    return {row["id"]: _client(row) for row in rows}


def _client(row: dict[str, object]) -> Client:
    return Client(**{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()})  # type: ignore[arg-type]

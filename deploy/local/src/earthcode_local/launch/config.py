"""What the processes of a local deployment are told: secrets, clients, platforms, environment."""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nkeys

from earthcode_local.files import kept_secret, read_json, write_json
from earthcode_local.oidc.clients import DEVICE
from earthcode_local.oidc.provider import AUDIENCE

GATEWAY_CLIENT = "earthcode-gateway"
CLI_CLIENT = "earthcode-cli"
PLATFORM_CLIENT = "aurora"
PLATFORM_SECRET = "earthcode"
# No one listens there: the command reads the code from the redirect itself.
CLI_REDIRECT = "http://127.0.0.1/earthcode-cli"


@dataclass(frozen=True)
class Layout:
    """Where everything of one deployment is. `database_url` and `nats_url` name servers of
    somebody else, when the environment has them."""

    data_dir: Path
    port: int
    ports: Mapping[str, int]
    database_url: str | None = None
    nats_url: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self) -> str:
        return self.address("oidc")

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def log(self, name: str) -> Path:
        return self.data_dir / "log" / f"{name}.log"

    def secret(self, name: str) -> Path:
        return self.data_dir / "secrets" / name


def write_clients(layout: Layout) -> None:
    """The programs that the development provider knows."""
    folder = layout.data_dir / "oidc"
    folder.mkdir(exist_ok=True, mode=0o700)
    write_json(
        folder / "clients.json",
        [
            {
                "id": GATEWAY_CLIENT,
                "title": "EarthCODE",
                "secret": kept_secret(layout.secret("gateway-client")),
                "grants": ["authorization_code", "refresh_token"],
                "redirect_uris": [f"{layout.url}/auth/callback"],
                "post_logout_redirect_uris": [layout.url, f"{layout.url}/"],
            },
            {
                "id": CLI_CLIENT,
                "title": "The earthcode command",
                "grants": ["authorization_code", "refresh_token", DEVICE],
                "redirect_uris": [CLI_REDIRECT],
            },
            _platform(PLATFORM_CLIENT, "Aurora, a demonstration platform"),
            _platform("borealis", "Borealis, another demonstration platform"),
        ],
    )


def _platform(id: str, title: str) -> dict[str, Any]:
    return {
        "id": id,
        "title": title,
        "secret": PLATFORM_SECRET,
        "grants": ["client_credentials"],
        "roles": ["platform"],
        "platform": id,
    }


def issuers(layout: Layout) -> str:
    """EARTHCODE_ISSUERS: the development provider, and what the environment adds."""
    own = {
        "name": "local",
        "issuer": layout.issuer,
        "client_id": GATEWAY_CLIENT,
        "client_secret": kept_secret(layout.secret("gateway-client")),
        "audience": AUDIENCE,
        "login": True,
        "roles_claim": "roles",
    }
    return json.dumps([own, *json.loads(os.environ.get("EARTHCODE_ISSUERS") or "[]")])


def write_platforms(layout: Layout) -> Path:
    """The reproducer's platforms: the local one, and whatever was added to the file by hand."""
    path = layout.data_dir / "platforms.json"
    local = {
        "id": "local",
        "title": "Local processes platform",
        "kind": "ogc-api-processes",
        "url": layout.address("processes"),
        # It lists a job as soon as it has answered: one that is not there then was never made.
        "settles_seconds": 30,
    }
    others = [entry for entry in read_json(path) or [] if entry.get("id") != "local"]
    write_json(path, [local, *others])
    return path


def nats_seed(layout: Layout, service: str) -> Path:
    """The NKey seed by which a service proves who it is."""
    path = layout.secret(f"nats-{service}.seed")
    kept_secret(
        path, lambda: nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER).decode()
    )
    return path


def nats_users(layout: Layout, permissions: Mapping[str, Mapping[str, list[str]]]) -> str:
    """The server's configuration: one user per service, allowed what it needs and no more."""
    users = [_nats_user(nats_seed(layout, service), may) for service, may in permissions.items()]
    return "authorization { users = [\n" + ",\n".join(users) + "\n] }"


def _nats_user(seed: Path, may: Mapping[str, list[str]]) -> str:
    public = nkeys.from_seed(bytearray(seed.read_text().strip().encode())).public_key.decode()
    allow = {word: {"allow": subjects} for word, subjects in may.items()}
    return json.dumps({"nkey": public, "permissions": allow})


def environment(layout: Layout, **own: object) -> dict[str, str]:
    """For one process: what all are told, and `own`; the rest of our environment unchanged."""
    told = {
        "environment": "local",
        "public_url": layout.url,
        "gateway_url": layout.url,
        "publisher_url": layout.address("publisher"),
        "catalog_url": layout.address("catalog-api"),
        "records_url": layout.address("records-api"),
        "reproducer_url": layout.address("reproducer"),
        "allow_private_networks": "true",
        "nats_url": layout.nats_url or f"nats://127.0.0.1:{layout.ports['nats']}",
        "page_token_key": kept_secret(layout.secret("page-token-key")),
        **own,
    }
    named = {f"EARTHCODE_{name.upper()}": str(value) for name, value in told.items()}
    return os.environ | named | _bytecode()


def _bytecode() -> dict[str, str]:
    """Compiled modules make a start several times faster; where they may not be written beside
    the sources they are kept in the user's cache, for all deployments."""
    if not sys.dont_write_bytecode and os.access(Path(__file__).parent, os.W_OK):
        return {}
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "earthcode"
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cache / "python")}


def database_named(url: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")

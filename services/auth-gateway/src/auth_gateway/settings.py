"""What the gateway is told by its environment, beyond what every service is."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from earthcode_common.auth import ROLES
from earthcode_common.settings import ServiceSettings
from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519", "EdDSA")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Issuer(BaseModel):
    """An OpenID provider whose tokens count here. ``issuer`` is compared exactly.

    ``login``: people may log in with it. ``grants``: roles its ``roles_claim`` may give; every
    person gets ``reader``, and the gateway's role table may add more.
    """

    name: str
    issuer: str
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    audience: str = "earthcode"
    login: bool = True
    scopes: str = "openid profile"
    roles_claim: str = "roles"
    platform_claim: str = "platform"
    grants: frozenset[str] = frozenset(ROLES)
    algorithms: tuple[str, ...] = ALGORITHMS

    @field_validator("issuer")
    @classmethod
    def _https(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ValueError("an issuer is an https address (http on the loopback only)")
        return value

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if unknown := set(self.algorithms) - set(ALGORITHMS):
            raise ValueError(f"not an accepted algorithm: {', '.join(sorted(unknown))}")
        if self.audience == self.client_id:
            raise ValueError("audience must differ from client_id: ID tokens carry the latter")
        if self.login and not self.client_id:
            raise ValueError("an issuer with login needs a client_id")
        return self


class GatewaySettings(ServiceSettings):
    issuers: list[Issuer] = Field(default_factory=list)
    signing_keys_file: Path = Path("signing-keys.json")

    # As the catalogue's own; its bulk loads pass through here as they come.
    max_bulk_bytes: int = 1024**3
    # Whose X-Forwarded-For is believed, for the addresses in the audit (the ingress).
    trusted_proxies: list[IPv4Network | IPv6Network] = Field(default_factory=list)

    session_idle_seconds: int = 8 * 3600
    session_absolute_seconds: int = 7 * 24 * 3600
    login_seconds: int = 600
    # How long a verified token, a session and its roles are believed without looking again.
    belief_seconds: float = 10
    upstream_header_seconds: float = 60
    upload_seconds: float = 30
    upstream_connections: int = 1000

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")

    def upstream(self, service: str) -> str:
        addresses = {
            "publisher": self.publisher_url,
            "catalog-api": self.catalog_url,
            "records-api": self.records_url,
            "reproducer": self.reproducer_url,
        }
        return addresses[service].rstrip("/")

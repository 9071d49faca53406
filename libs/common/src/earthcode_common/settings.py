"""What every service is told by its environment (prefix ``EARTHCODE_``)."""

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings shared by all services; a service adds its own in ``<package>/settings.py``."""

    model_config = SettingsConfigDict(env_prefix="EARTHCODE_", extra="ignore")

    environment: Literal["local", "production"] = "production"
    database_url: str = ""
    database_pool_size: int = 5
    nats_url: str = "nats://127.0.0.1:4222"
    nats_seed_file: Path | None = None

    public_url: str = "http://127.0.0.1:8080"
    gateway_url: str = "http://127.0.0.1:8000"
    publisher_url: str = "http://127.0.0.1:8001"
    catalog_url: str = "http://127.0.0.1:8002"
    records_url: str = "http://127.0.0.1:8003"
    reproducer_url: str = "http://127.0.0.1:8004"

    # Where the gateway's public keys are: by default at the gateway; else a URL or a file's path.
    jwks: str = ""
    token_issuer: str = "earthcode-gateway"

    page_token_key: str = "earthcode"
    max_body_bytes: int = 10 * 1024 * 1024
    allow_private_networks: bool = False
    log_level: str = "INFO"
    log_json: bool = True

    @property
    def jwks_location(self) -> str:
        return self.jwks or f"{self.gateway_url}/.well-known/jwks.json"

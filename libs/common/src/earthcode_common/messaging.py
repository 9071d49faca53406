"""The NATS door: a connection that keeps trying, as the service's own NKey user."""

from pathlib import Path

import nats
from nats.aio.client import Client

from earthcode_common import telemetry
from earthcode_common.settings import ServiceSettings


async def connect(settings: ServiceSettings, name: str) -> Client:
    """Connect as ``name``: waits until a server is there, and reconnects by itself for ever.

    Raises nats.errors.Error when the server refuses the credentials.
    """
    return await nats.connect(
        settings.nats_url,
        name=name,
        nkeys_seed_str=_seed(settings.nats_seed_file),
        inbox_prefix=f"_INBOX_{name}".encode(),
        connect_timeout=5,
        allow_reconnect=True,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.5,
        error_cb=_log_error,
        closed_cb=None,
    )


def _seed(path: Path | None) -> str | None:
    return path.read_text("ascii").strip() if path else None


async def _log_error(error: Exception) -> None:
    telemetry.log.warning("nats", extra={"error": str(error) or type(error).__name__})

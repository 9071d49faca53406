"""The auth-gateway as a service."""

from earthcode_common.service import Service
from earthcode_common.settings import ServiceSettings

from auth_gateway import keys
from auth_gateway.app import make_app
from auth_gateway.settings import GatewaySettings


async def rotate_keys(settings: ServiceSettings) -> None:
    """Make the next signing key the current one, and announce a new next one."""
    assert isinstance(settings, GatewaySettings)
    path = settings.signing_keys_file
    try:
        keys.write(path, keys.rotated(keys.read(path)))
    except (OSError, ValueError) as error:
        raise SystemExit(f"The keys stay as they are: {error}") from error


SERVICE = Service(
    name="auth-gateway",
    package="auth_gateway",
    create_app=make_app,
    settings=GatewaySettings,
    commands={"rotate-keys": rotate_keys},
)

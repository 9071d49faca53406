"""The auth-gateway as a service."""

from earthcode_common.service import Service

from auth_gateway.app import make_app
from auth_gateway.settings import GatewaySettings

SERVICE = Service(
    name="auth-gateway",
    package="auth_gateway",
    create_app=make_app,
    settings=GatewaySettings,
)

"""The gateway's two cookies: the session, and the browser that started a login.

``__Host-`` (RFC 6265bis section 4.1.3) binds a cookie to exactly this host over TLS; on a laptop
without TLS a plain name is all a browser keeps; as cookies do not know ports, it holds the port.
"""

import secrets
from urllib.parse import urlsplit

from starlette.responses import Response

from auth_gateway.settings import GatewaySettings


def session_name(settings: GatewaySettings) -> str:
    return _name(settings, "session")


def login_name(settings: GatewaySettings) -> str:
    return _name(settings, "login")


def _name(settings: GatewaySettings, purpose: str) -> str:
    if settings.secure:
        return f"__Host-earthcode_{purpose}"
    return f"earthcode_{urlsplit(settings.public_url).port or 80}_{purpose}"


def put(response: Response, settings: GatewaySettings, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def remove(response: Response, settings: GatewaySettings, name: str) -> None:
    put(response, settings, name, "", 0)


def new_secret() -> str:
    """256 random bits as 43 characters."""
    return secrets.token_urlsafe(32)

"""Forms are accepted from our own pages only: a login made by another site is an attack too."""

import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from earthcode_local.oidc.errors import PageError
from earthcode_local.oidc.provider import provider_of


def cookie_name(request: Request, purpose: str) -> str:
    """Cookies do not know ports, and several deployments may share 127.0.0.1."""
    return f"earthcode_idp_{urlsplit(provider_of(request).issuer).port}_{purpose}"


def form_token(request: Request) -> str:
    return request.cookies.get(cookie_name(request, "form")) or secrets.token_urlsafe(24)


def remember(request: Request, response: Response, purpose: str, value: str) -> Response:
    response.set_cookie(cookie_name(request, purpose), value, httponly=True, samesite="lax")
    return response


def refuse_foreign(request: Request, form: dict[str, str]) -> None:
    cookie = request.cookies.get(cookie_name(request, "form"), "")
    if not cookie or not hmac.compare_digest(cookie.encode(), form.get("csrf", "").encode()):
        raise PageError("This form is out of date. Go back and try again.")
    origin = request.headers.get("origin")
    if origin is not None and origin != provider_of(request).issuer:
        raise PageError("This form was sent by another site.")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise PageError("This form was sent by another site.")

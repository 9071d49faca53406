"""The provider as an ASGI application."""

from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from earthcode_local.oidc.authorize import authorize
from earthcode_local.oidc.clients import DEVICE
from earthcode_local.oidc.device import device
from earthcode_local.oidc.errors import OAuthError, PageError
from earthcode_local.oidc.keys import ALGORITHM, public_jwks
from earthcode_local.oidc.login import login, logout
from earthcode_local.oidc.pages import problem_page
from earthcode_local.oidc.provider import Provider, is_loopback, provider_of
from earthcode_local.oidc.token import SCOPES, device_authorization, token, userinfo

FOR_PEOPLE = ("/authorize", "/login", "/logout", "/device")


def create_app(provider: Provider) -> Starlette:
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks", jwks),
            Route("/authorize", authorize),
            Route("/login", login, methods=["POST"]),
            Route("/logout", logout, methods=["GET", "POST"]),
            Route("/device", device, methods=["GET", "POST"]),
            Route("/device_authorization", device_authorization, methods=["POST"]),
            Route("/token", token, methods=["POST"]),
            Route("/userinfo", userinfo, methods=["GET", "POST"]),
            Route("/livez", alive),
            Route("/readyz", alive),
        ],
        exception_handlers={OAuthError: oauth_error, PageError: page_error},
    )
    app.state.provider = provider
    app.add_middleware(OwnHostOnly, port=urlsplit(provider.issuer).port)
    return app


class OwnHostOnly:
    """Refuses other Host headers: a page whose name is rebound to 127.0.0.1 is not us."""

    def __init__(self, app: ASGIApp, port: int | None) -> None:
        self.app = app
        self.port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_own(scope):
            answer: ASGIApp = PlainTextResponse("wrong Host", 400)
            return await answer(scope, receive, send)
        return await self.app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        try:
            parts = urlsplit("//" + hosts[0]) if len(hosts) == 1 else urlsplit("")
            return is_loopback(parts.hostname or "") and parts.port == self.port
        except ValueError:
            return False


async def discovery(request: Request) -> Response:
    """OpenID Connect Discovery 1.0 section 3, with RFC 8414 and RFC 9207."""
    issuer = provider_of(request).issuer
    return JSONResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/logout",
            "device_authorization_endpoint": f"{issuer}/device_authorization",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [
                *("authorization_code", "refresh_token", "client_credentials", DEVICE)
            ],
            "code_challenge_methods_supported": ["S256"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": [
                *("client_secret_basic", "client_secret_post", "none")
            ],
            "claims_supported": [
                *("sub", "name", "given_name", "family_name", "preferred_username"),
                *("email", "email_verified", "roles", "auth_time", "sid"),
            ],
            "authorization_response_iss_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
    )


async def jwks(request: Request) -> Response:
    return JSONResponse(public_jwks(provider_of(request).keys))


async def alive(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def oauth_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, OAuthError)
    if request.url.path in FOR_PEOPLE:
        return problem_page(error.description, error.status)
    headers = {"cache-control": "no-store"}
    if error.status == 401:
        headers["www-authenticate"] = 'Basic realm="earthcode"'
    return JSONResponse(error.as_json(), error.status, headers)


async def page_error(request: Request, error: Exception) -> Response:
    return problem_page(str(error))

"""Pages for people: templates, nothing from elsewhere, no scripts."""

from pathlib import Path
from typing import Any

from earthcode_common import telemetry
from earthcode_common.html.render import STYLE, STYLE_HASH
from earthcode_common.problems import Problem
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from auth_gateway.domain import headers
from auth_gateway.domain.callers import ANONYMOUS, Caller
from auth_gateway.domain.negotiation import wants_page
from auth_gateway.domain.origins import origin_of
from auth_gateway.state import Gateway

ABOUT = (
    "Products of Earth science, the workflows and experiments that made them,"
    " and the means to make them again."
)
TEMPLATES = Path(__file__).parent / "templates"
_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def is_for_a_person(scope: Scope) -> bool:
    accept = headers.get(scope["headers"], b"accept") or b""
    return wants_page(accept.decode("latin-1"))


def page(scope: Scope, template: str, status: int = 200, **values: Any) -> Response:
    gateway: Gateway = scope["app"].state.gateway
    caller: Caller = scope.get("state", {}).get("caller", ANONYMOUS)
    known = {
        "style": STYLE,
        "about": ABOUT,
        "caller": caller,
        "login_possible": any(p.issuer.login for p in gateway.providers.values()),
        "home": gateway.settings.public_url.rstrip("/"),
    }
    text = _environment.get_template(template).render(known | values)
    return HTMLResponse(text, status, headers=_page_headers(gateway))


def _page_headers(gateway: Gateway) -> dict[str, str]:
    # Logging out ends in a redirect to the issuer, which browsers count as part of the form.
    issuers = {origin_of(issuer) for issuer in gateway.providers}
    policy = [
        "default-src 'none'",
        f"style-src 'sha256-{STYLE_HASH}'",
        "img-src 'self' data:",
        f"form-action 'self' {' '.join(sorted(issuers))}".strip(),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Vary": "Accept, Authorization, Cookie",
    }


def problem_page(problem: Problem, scope: Scope) -> Response:
    body = problem.body()
    response = page(
        scope,
        "problem.html",
        problem.status,
        title=body["title"],
        detail=problem.detail,
        hints=[error["hint"] for error in problem.errors if error.get("hint")],
        may_log_in=problem.status == 401,
        here=_here(scope),
        request_id=telemetry.request_id(scope) or "",
    )
    response.headers.update(problem.headers)
    return response


def _here(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path: str = scope["raw_path"].decode("latin-1")
    return path + (f"?{query}" if query else "")

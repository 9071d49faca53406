"""HTML answers: never framed, never cached, no foreign content."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse, Response

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True
)


def page(template: str, *, status: int = 200, form_target: str = "", **values: object) -> Response:
    """`form_target` is where a form may lead in the end besides this site: browsers apply the
    policy to the redirects that follow a form as well."""
    nonce = secrets.token_urlsafe(16)
    body = _templates.get_template(template).render(nonce=nonce, **values)
    return HTMLResponse(body, status, headers=_headers(nonce, form_target))


def problem_page(message: str, status: int = 400) -> Response:
    return page("message.html", status=status, title="This did not work", message=message)


def _headers(nonce: str, form_target: str) -> dict[str, str]:
    policy = [
        "default-src 'none'",
        f"style-src 'nonce-{nonce}'",
        f"script-src 'nonce-{nonce}'",
        f"form-action 'self' {_origin(form_target)}".strip(),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    return {
        "content-security-policy": "; ".join(policy),
        "cache-control": "no-store",
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        # Not no-referrer: browsers would then send `Origin: null` with our own forms.
        "referrer-policy": "same-origin",
    }


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

"""From templates to answers: one style, a strict content policy, an address for every format."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from earthcode_common import __version__
from earthcode_common.html import text

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "style.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def environment(folder: Path) -> Environment:
    """Templates of ``folder``, which may extend those that all services share."""
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(TEMPLATES)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["style"] = STYLE
    made.filters |= {"prose": text.prose, "plain": text.plain, "day": text.day, "span": text.span}
    made.filters["data_block"] = data_block
    made.tests |= {"address": text.is_address, "scalars": _are_scalars}
    return made


def _are_scalars(values: Any) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= 100
        and all(one is None or isinstance(one, str | int | float) for one in values)
    )


def edition(templates: Environment) -> str:
    """Of the pages: another one when a template, the style or the software changed."""
    found = hashlib.sha256(f"{__version__}{STYLE}".encode())
    for name in sorted(templates.list_templates(extensions=["html"])):
        assert templates.loader is not None
        found.update(templates.loader.get_source(templates, name)[0].encode())
    return found.hexdigest()[:16]


def data_block(values: Any) -> Markup:
    """JSON for a ``script`` element: no text in it can end the element or open another."""
    text = orjson.dumps(values).decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def render(templates: Environment, name: str, values: Mapping[str, Any]) -> bytes:
    return templates.get_template(name).render(values).encode()


def headers(public_url: str) -> dict[str, str]:
    """What a browser may do with such a page: show it, follow links, send its forms home."""
    policy = [
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        "img-src data:",
        f"form-action 'self' {public_url}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }

"""From templates to answers: one style, a strict content policy, an address for every format."""

import base64
import hashlib
import re
import struct
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
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# Controls, halves of signs and noncharacters: never part of a page (HTML, section 13.2.3.5).
_ENDS = "".join(chr((plane << 16) + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
_NO_TEXT = re.compile(
    f"[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufdd0-\\ufdef{_ENDS}]"
)
_MEANT = re.compile("[<>&\u2028\u2029]")


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
    text = _NO_TEXT.sub(_escaped, orjson.dumps(values).decode())
    return Markup(_MEANT.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    sign = ord(found[0])
    if sign < 0x10000:
        return f"\\u{sign:04x}"
    return "".join(f"\\u{half:04x}" for half in struct.unpack(">HH", found[0].encode("utf-16-be")))


def render(templates: Environment, name: str, values: Mapping[str, Any]) -> bytes:
    """Signs that HTML has no place for, as strangers' texts may hold them, are shown as unknown."""
    return _NO_TEXT.sub("\ufffd", templates.get_template(name).render(values)).encode()


def headers(public_url: str) -> dict[str, str]:
    """What a browser may do with such a page: show it, follow links, send its forms home."""
    policy = [
        "default-src 'none'",
        f"style-src 'sha256-{STYLE_HASH}'",
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

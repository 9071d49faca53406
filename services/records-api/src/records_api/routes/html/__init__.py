"""The same resources as pages for people: made from their JSON, so that both say the same."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from earthcode_common.html import render
from earthcode_common.html.frame import Frame, Site
from earthcode_common.ogc.entities import FOLDERS
from earthcode_common.ogc.links import HTML

from records_api.domain.catalog import COLLECTIONS
from records_api.representations.format import Context, Format, parsed

PLACES = [("", "Records")] + [
    (f"/collections/{FOLDERS[kind]}/items", about.title) for kind, about in COLLECTIONS.items()
]
SITE = Site("/records", "Records", PLACES)
templates = render.environment(Path(__file__).parents[2] / "templates")
templates.filters["json"] = lambda value: orjson.dumps(value).decode()
FACETS = "themes,keywords,project,license,year"  # counted beside a list unless others are asked for
MAX_LIMIT = 100  # records of a page, each with all that it says
View = Callable[[Mapping[str, Any], Frame], tuple[str, dict[str, Any]]]
EDITION = render.edition(templates)


def format_of(view: View) -> Format:
    """Pages by ``view``: a document and what surrounds it -> template, its values."""

    def page(text: str, context: Context) -> bytes:
        path = context.here.removeprefix(context.public_url)
        frame = Frame(SITE, context.public_url, path, context.asked)
        template, values = view(parsed(text), frame)
        offers = [(one.name, one.media, one.title) for one in context.offers]
        shared = frame.values(offers) | {"canonical": context.here, "indexed": not context.asked}
        return render.render(templates, template, shared | values)

    return Format("html", HTML, "HTML", page, _headers, "utf-8", edition=EDITION)


def _headers(context: Context) -> Mapping[str, str]:
    return render.headers(context.public_url)

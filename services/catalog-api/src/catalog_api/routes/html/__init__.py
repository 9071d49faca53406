"""The same resources as pages for people: made from their JSON, so that both say the same."""

from pathlib import Path
from typing import Any

import orjson
from earthcode_common.html import render
from earthcode_common.html.render import headers
from earthcode_common.ogc.links import with_query
from earthcode_common.ogc.negotiation import FORMATS
from starlette.requests import Request

from catalog_api.routes.html import views
from catalog_api.routes.html.frame import Frame

__all__ = ["headers", "page", "templates"]

templates = render.environment(Path(__file__).parents[2] / "templates")
TITLES = {"json": "JSON", "geojson": "GeoJSON", "ndjson": "newline-delimited JSON"} | {
    "parquet": "GeoParquet"
}


def page(request: Request, text: str | bytes, public_url: str, offers: list[str]) -> bytes:
    """``text``: the JSON with public addresses. ``offers``: values of ``f`` of this resource."""
    document = orjson.loads(text)
    frame = Frame(public_url, request.url.path, list(request.query_params.multi_items()))
    template, values = views.view(document, frame)
    known: dict[str, Any] = {
        "home": public_url,
        "navigation": frame.navigation(),
        "formats": _formats(frame, offers),
        "crumbs": [],
        "summary": "",
    }
    return render.render(templates, template, known | values)


def _formats(frame: Frame, offers: list[str]) -> list[dict[str, str]]:
    asked = [(key, value) for key, value in frame.asked if key != "f"]
    return [
        {
            "title": TITLES[name],
            "media": FORMATS[name][0],
            "href": with_query(frame.here, [*asked, ("f", name)]),
        }
        for name in offers
        if name != "html"
    ]

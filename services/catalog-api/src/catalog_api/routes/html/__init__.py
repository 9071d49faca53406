"""The same resources as pages for people: made from their JSON, so that both say the same."""

from pathlib import Path

import orjson
from earthcode_common.html import render
from earthcode_common.html.frame import Frame, Site
from earthcode_common.html.render import headers
from earthcode_common.ogc.negotiation import FORMATS
from starlette.requests import Request

from catalog_api.routes.html import views

__all__ = ["SITE", "headers", "page", "templates"]

PLACES = (("", "Catalogue"), ("/collections", "Collections"), ("/search", "Items"))
SITE = Site("/stac", "Catalogue", PLACES)
templates = render.environment(Path(__file__).parents[2] / "templates")
TITLES = {"json": "JSON", "geojson": "GeoJSON", "ndjson": "newline-delimited JSON"} | {
    "parquet": "GeoParquet"
}


def page(request: Request, text: str | bytes, public_url: str, offers: list[str]) -> bytes:
    """``text``: the JSON with public addresses. ``offers``: values of ``f`` of this resource."""
    frame = Frame(SITE, public_url, request.url.path, list(request.query_params.multi_items()))
    template, values = views.view(orjson.loads(text), frame)
    others = [(name, FORMATS[name][0], TITLES[name]) for name in offers if name != "html"]
    return render.render(templates, template, frame.values(others) | values)

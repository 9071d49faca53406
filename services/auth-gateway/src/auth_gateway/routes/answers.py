"""Answers for one reader only."""

from typing import Any

import orjson
from starlette.responses import Response


def fresh_json(content: Any) -> Response:
    headers = {"Cache-Control": "private, no-store", "Vary": "Authorization, Cookie"}
    return Response(orjson.dumps(content), headers=headers, media_type="application/json")

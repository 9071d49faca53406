"""The public keys that services check internal tokens with (RFC 7517)."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

router = APIRouter(tags=["keys"])


@router.get("/.well-known/jwks.json", summary="Keys that verify internal tokens")
async def signing_keys(request: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=300"}
    return JSONResponse(request.app.state.gateway.keys.public(), headers=headers)

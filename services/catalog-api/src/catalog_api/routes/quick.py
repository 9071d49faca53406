"""``/search`` on the shortest way: the routes that are asked most.

FastAPI's search for a route, its dependencies and its models take twice as long as PostgreSQL needs
to find a page, so these two come before all others and do the same in their own words. Their
documentation is that of the routes which stac-fastapi adds for the same address.
"""

from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.routing import Route

from catalog_api.routes import access, core, models, parameters

_POST = models.SearchPost.__pydantic_validator__
_LIMIT: TypeAdapter[int | None] = TypeAdapter(models.Limit)
_NAMES = {
    name.replace("_", "-") if name.startswith("filter_") else name: name
    for name in models.SearchGet.__annotations__
}
_BESIDES = frozenset({"f"})


def routes(path: str) -> list[Route]:
    return [Route(path, post_search, methods=["POST"]), Route(path, get_search, methods=["GET"])]


async def post_search(request: Request) -> Response:
    request.state.reads = True  # no change, though it is a POST
    parameters.check_names(request, _BESIDES)
    parameters.check_media(request, "application/json")
    access.read_by(request)
    try:
        body: models.SearchPost = _POST.validate_json(await request.body())
    except ValidationError as error:
        raise _refusal(error, "body") from None
    return await core.search_by_post(request, body.asked())


async def get_search(request: Request) -> Response:
    parameters.check_names(request, _NAMES.keys() | _BESIDES)
    access.read_by(request)
    given: dict[str, Any] = {
        _NAMES[name]: value for name, value in request.query_params.items() if name in _NAMES
    }
    try:
        given["limit"] = _LIMIT.validate_python(given.get("limit"))
    except ValidationError as error:
        raise _refusal(error, "query", "limit") from None
    return await core.search_by_get(request, given)


def _refusal(error: ValidationError, *place: str) -> RequestValidationError:
    """As FastAPI itself would tell it."""
    found = error.errors(include_url=False)
    return RequestValidationError([{**one, "loc": (*place, *one["loc"])} for one in found])

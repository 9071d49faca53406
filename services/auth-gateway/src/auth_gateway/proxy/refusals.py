"""What the gateway answers when it lets nothing through: readable for programs and people."""

from earthcode_common import problems, telemetry
from earthcode_common.app import EXPOSED
from earthcode_common.problems import Problem
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from starlette.types import Scope

from auth_gateway import pages


def refusal(problem: Problem, scope: Scope) -> Response:
    """A page or a problem document, which scripts of other sites may read, and no cache keeps."""
    if pages.is_for_a_person(scope):
        response = pages.problem_page(problem, scope)
    else:
        response = problems.render(problem, telemetry.request_id(scope))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = ", ".join(EXPOSED)
    response.headers["Cache-Control"] = "no-store"
    return response


async def on_problem(request: Request, problem: Exception) -> Response:
    """Exception handler of the gateway's own routes."""
    if isinstance(problem, RequestValidationError):
        problem = problems.not_valid(problem)
    assert isinstance(problem, Problem)
    return refusal(problem, request.scope)

"""What the gateway answers itself when it lets nothing through: readable for programs and pages."""

from earthcode_common import problems, telemetry
from earthcode_common.app import EXPOSED
from earthcode_common.problems import Problem
from starlette.responses import Response
from starlette.types import Scope


def refusal(problem: Problem, scope: Scope) -> Response:
    """A problem document that a script of another site may read, and no cache may keep."""
    response = problems.render(problem, telemetry.request_id(scope))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = ", ".join(EXPOSED)
    response.headers["Cache-Control"] = "no-store"
    return response

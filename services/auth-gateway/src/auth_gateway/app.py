"""The gateway as an application: the front in the frame that every service has."""

from earthcode_common.app import create_app
from earthcode_common.problems import Problem
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.middleware import Middleware

from auth_gateway.proxy.front import Front
from auth_gateway.proxy.refusals import on_problem
from auth_gateway.routes import ROUTERS
from auth_gateway.settings import GatewaySettings
from auth_gateway.state import open_gateway


def make_app(settings: GatewaySettings) -> FastAPI:
    app = create_app(
        name="auth-gateway",
        package="auth_gateway",
        prefix="",
        title="EarthCODE Federation",
        description="The one door: who you are, what you may do, and the way to every service.",
        settings=settings,
        routers=ROUTERS,
        lifespan=open_gateway,
    )
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_problem)
    # After the telemetry (a request has its id), before everything that would read the request.
    app.user_middleware.insert(1, Middleware(Front))
    return app

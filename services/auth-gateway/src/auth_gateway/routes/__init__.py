"""What the gateway answers itself."""

from auth_gateway.routes import audit, home, keys, login, roles

ROUTERS = (home.router, login.router, keys.router, audit.router, roles.router)

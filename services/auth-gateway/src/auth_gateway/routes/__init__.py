"""What the gateway answers itself."""

from auth_gateway.routes import keys

ROUTERS = (keys.router,)

"""PostgreSQL and NATS from their wheels, as child processes of whoever starts them."""

from earthcode_local.servers.nats import Nats
from earthcode_local.servers.postgres import Postgres
from earthcode_local.servers.processes import ServerError

__all__ = ["Nats", "Postgres", "ServerError"]

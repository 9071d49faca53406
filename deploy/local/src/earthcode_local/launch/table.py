"""The processes of a local deployment: which there are, and what each one needs."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from earthcode_local.launch import config
from earthcode_local.launch.child import Child, Job
from earthcode_local.launch.config import Layout, database_named
from earthcode_local.launch.supervisor import Program
from earthcode_local.servers import Nats, Postgres

GATEWAY = "auth-gateway"
SERVERS = ("nats", "oidc", "processes")


@dataclass(frozen=True)
class Service:
    name: str
    package: str
    database: str
    works: bool = True


SERVICES = (
    Service("publisher", "publisher", "earthcode_publisher"),
    Service("catalog-api", "catalog_api", "earthcode_catalog"),
    Service("records-api", "records_api", "earthcode_records"),
    Service("reproducer", "reproducer", "earthcode_reproducer"),
)
ALL_SERVICES = (*SERVICES, Service(GATEWAY, "auth_gateway", "earthcode_gateway", works=False))
PORTS = (*SERVERS, *(n for s in SERVICES for n in (s.name, f"{s.name}-worker")))


def programs(layout: Layout, permissions: Mapping[str, Mapping[str, list[str]]]) -> list[Program]:
    """In order of need: servers, databases and streams, services and workers, the gateway."""
    servers, database_url = _servers(layout, permissions)
    prepare = _prepare(layout, database_url, tuple(server.name for server in servers))
    platforms = [oidc(layout), _processes(layout)]
    services = [
        program for service in SERVICES for program in _service(layout, service, database_url)
    ]
    before = tuple(program.name for program in (*platforms, *services))
    return [*servers, *platforms, prepare, *services, _gateway(layout, database_url, before)]


def _servers(
    layout: Layout, permissions: Mapping[str, Mapping[str, list[str]]]
) -> tuple[list[Program], str]:
    found, database_url = [], layout.database_url
    if database_url is None:
        postgres = Postgres(layout.data_dir / "postgres", log=layout.log("postgres"))
        database_url = postgres.dsn()
        found.append(Program("postgres", postgres, database_url))
    if layout.nats_url is None:
        nats = Nats(
            layout.data_dir / "nats",
            port=layout.ports["nats"],
            config_text=config.nats_users(layout, permissions),
            log=layout.log("nats"),
        )
        found.append(Program("nats", nats, f"nats://127.0.0.1:{layout.ports['nats']}"))
    return found, database_url


def _prepare(layout: Layout, database_url: str, needs: tuple[str, ...]) -> Program:
    databases = [f"{service.package}={service.database}" for service in ALL_SERVICES]
    job = Job(
        [sys.executable, "-m", "earthcode_local.launch.databases", *databases],
        log=layout.log("prepare"),
        env=config.environment(layout, database_url=database_url, **_nats(layout, "operator")),
    )
    return Program("prepare", job, needs=needs)


def oidc(layout: Layout) -> Program:
    config.write_clients(layout)
    argv = ["earthcode_local.oidc", *_where(layout, "oidc"), "--data-dir"]
    return _child(layout, "oidc", [*argv, str(layout.data_dir / "oidc")], "/readyz", ())


def _processes(layout: Layout) -> Program:
    argv = ["earthcode_processes", *_where(layout, "processes"), "--data-dir"]
    folder = str(layout.data_dir / "processes")
    return _child(layout, "processes", [*argv, folder], "/conformance", ())


def _service(layout: Layout, service: Service, database_url: str) -> list[Program]:
    own = {
        "database_url": database_named(database_url, service.database),
        **_nats(layout, service.name),
    }
    if service.name == "reproducer":
        own["platforms_file"] = str(config.write_platforms(layout))
        own["results_dir"] = str(layout.data_dir / "results")
        own["lease_seconds"] = "10"
    names = {"serve": service.name, "work": f"{service.name}-worker"}
    return [
        _child(
            layout,
            name,
            [service.package, word, *_where(layout, name)],
            "/readyz",
            ("prepare",),
            own,
        )
        for word, name in names.items()
    ]


def _gateway(layout: Layout, database_url: str, needs: tuple[str, ...]) -> Program:
    own = {
        "database_url": database_named(database_url, "earthcode_gateway"),
        "issuers": config.issuers(layout),
        "signing_keys_file": str(layout.secret("gateway-signing-keys.json")),
    }
    argv = ["auth_gateway", "serve", "--host", "127.0.0.1", "--port", str(layout.port)]
    return _child(layout, GATEWAY, argv, "/readyz", needs, own)


def _child(
    layout: Layout,
    name: str,
    module: list[str],
    ready: str,
    needs: tuple[str, ...],
    own: Mapping[str, str] | None = None,
) -> Program:
    url = layout.url if name == GATEWAY else layout.address(name)
    child = Child(
        [sys.executable, "-m", *module],
        log=layout.log(name),
        env=config.environment(layout, **(own or {})),
        ready_url=url + ready,
    )
    return Program(name, child, url, needs)


def _where(layout: Layout, name: str) -> list[str]:
    return ["--host", "127.0.0.1", "--port", str(layout.ports[name])]


def _nats(layout: Layout, service: str) -> dict[str, str]:
    """A server of somebody else has its own users: EARTHCODE_NATS_SEED_FILE passes through."""
    if layout.nats_url is not None:
        return {}
    return {"nats_seed_file": str(config.nats_seed(layout, service))}

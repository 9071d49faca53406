"""Every container gets what earthcode_common.settings needs, with credentials of its own only."""

import asyncio
import re
from contextlib import asynccontextmanager

import pytest
from auth_gateway.settings import GatewaySettings
from earthcode_common import migrate
from earthcode_common.db import Database
from earthcode_common.settings import ServiceSettings
from sqlalchemy import text
from sqlalchemy.engine import make_url

# What a container needs not be told: where the keys are follows from GATEWAY_URL, the issuer and
# JSON logs are right as they are.
LEFT_ALONE = {"jwks", "token_issuer", "log_json"}
URLS = {
    "gateway_url": "auth-gateway",
    "publisher_url": "publisher",
    "catalog_url": "catalog-api",
    "records_url": "records-api",
    "reproducer_url": "reproducer",
}
PLATFORM = {
    "id": "local",
    "title": "Local",
    "kind": "ogc-api-processes",
    "url": "http://processes:5000",
}
SECRETS = {
    "PGUSER": "app",
    "PGPASSWORD": "p@ss/word:?#%",
    "PGHOST": "postgres-rw",
    "PGPORT": "5432",
    "PGDATABASE": "earthcode_x",
}


@pytest.fixture
def settings_of(monkeypatch):
    """The settings that a container's process would read."""

    def read(container):
        for name, value in environment_of(container).items():
            monkeypatch.setenv(name, value)
        return ServiceSettings()

    return read


def environment_of(container):
    known = {}
    for entry in container["env"]:
        text = entry.get("value", SECRETS.get(entry["name"], "from-a-secret"))
        known[entry["name"]] = re.sub(r"\$\((\w+)\)", lambda m: known[m[1]], text)
    return known


@pytest.mark.parametrize("names", [(), ("local",), ("production",)], ids="+".join)
def test_settings_are_complete(names, render, profile, pods):
    values = profile(*names)
    local = values.get("environment") == "local"
    for name, template in pods(render(values)).items():
        for container in _containers(template):
            told = {entry["name"] for entry in container["env"]}
            wanted = {f"EARTHCODE_{f.upper()}" for f in set(ServiceSettings.model_fields)}
            wanted -= {f"EARTHCODE_{f.upper()}" for f in LEFT_ALONE}
            if local:
                wanted -= {"EARTHCODE_NATS_SEED_FILE", "EARTHCODE_PAGE_TOKEN_KEY"}
            if not _talks_to_nats(name, container):
                wanted -= {"EARTHCODE_NATS_SEED_FILE"}
            if container["name"] == "streams":
                wanted -= {"EARTHCODE_DATABASE_URL", "EARTHCODE_DATABASE_POOL_SIZE"}
            assert wanted <= told, (name, container["name"])


def _containers(template):
    return template["spec"].get("initContainers", []) + template["spec"]["containers"]


def _talks_to_nats(pod, container):
    return pod.endswith("-worker") or container["name"] == "streams"


def test_addresses_are_those_of_the_services(manifests, pods, of_kind, settings_of):
    addresses = {
        name: f"http://{d['metadata']['name']}:{d['spec']['ports'][0]['port']}"
        for name, d in of_kind(manifests, "Service").items()
    }
    for template in pods(manifests).values():
        for container in _containers(template):
            settings = settings_of(container)
            assert {f: getattr(settings, f) for f in URLS} == {
                field: addresses[name] for field, name in URLS.items()
            }


def test_the_rest_is_read_as_given(render, pods, settings_of):
    values = {"logLevel": "DEBUG", "maxBodyBytes": 50_000_000, "allowPrivateNetworks": True}
    values["publicUrl"] = "https://ec.example.com:8443"
    for template in pods(render(values)).values():
        for container in _containers(template):
            read = settings_of(container)
            assert (read.log_level, read.max_body_bytes) == ("DEBUG", 50_000_000)
            assert (read.allow_private_networks, read.environment) == (True, "production")
            assert read.public_url == "https://ec.example.com:8443"


def test_pool_sizes(manifests, pods, settings_of):
    sizes = {
        name: settings_of(t["spec"]["containers"][0]).database_pool_size
        for name, t in pods(manifests).items()
        if name != "migration"
    }
    assert {size for name, size in sizes.items() if name.endswith("-worker")} == {2}
    assert {size for name, size in sizes.items() if not name.endswith("-worker")} == {3}


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({}, "postgresql://postgres-rw:5432/earthcode_x"),
        ({"postgres": {"host": "db", "port": 6432}}, "postgresql://db:6432/earthcode_publisher"),
        ({"services": {"publisher": {"database": {"urlKey": "uri"}}}}, "from-a-secret"),
    ],
)
def test_ways_to_name_the_database(values, address, render, pods, settings_of):
    container = pods(render(values))["publisher"]["spec"]["containers"][0]
    assert settings_of(container).database_url == address


async def test_the_address_without_user_works_with_pg_variables(
    render, pods, make_database, monkeypatch
):
    """asyncpg, alone and below SQLAlchemy, takes user and password from the environment."""
    real = make_url(await make_database("earthcode_common"))
    async with _over_tcp(real) as (host, port):
        given = {
            "PGUSER": real.username,
            "PGHOST": host,
            "PGPORT": port,
            "PGDATABASE": real.database,
        }
        for name, value in given.items():
            monkeypatch.setitem(SECRETS, name, value)
        template = pods(render({"postgres": {"sslMode": "prefer"}}))["publisher"]
        environment = environment_of(template["spec"]["containers"][0])
        for name in ("PGUSER", "PGPASSWORD", "PGSSLMODE"):
            monkeypatch.setenv(name, environment[name])
        url = environment["EARTHCODE_DATABASE_URL"]
        assert url == f"postgresql://{host}:{port}/{real.database}"
        await migrate.check(url, "earthcode_common")
        database = Database(url)
        async with database.read() as session:
            assert (await session.execute(text("select current_user"))).scalar() == real.username
        await database.close()


@asynccontextmanager
async def _over_tcp(url):
    """A port that leads to the test server, which may listen on a socket only."""
    if url.host:
        yield url.host, str(url.port or 5432)
        return
    path = f"{url.query['host']}/.s.PGSQL.{url.port or 5432}"

    async def forward(reader, writer):
        there, back = await asyncio.open_unix_connection(path)
        await asyncio.gather(_copy(reader, back), _copy(there, writer))

    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    async with server:
        yield "127.0.0.1", str(server.sockets[0].getsockname()[1])


async def _copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def test_credentials_are_those_of_the_service_alone(manifests, pods):
    databases = {
        "auth-gateway": "earthcode-gateway-db",
        "publisher": "earthcode-publisher-db",
        "catalog-api": "earthcode-catalog-db",
        "records-api": "earthcode-records-db",
        "reproducer": "earthcode-reproducer-db",
    }
    for name, template in pods(manifests).items():
        for container in _containers(template):
            service = container["name"] if name == "migration" else name.removesuffix("-worker")
            allowed = {databases.get(service), "earthcode-page-tokens"}
            if name == "auth-gateway":
                allowed.add("earthcode-issuers")
            assert _secrets(container) <= allowed


def _secrets(container):
    sources = [entry["valueFrom"] for entry in container["env"] if "valueFrom" in entry]
    return {source["secretKeyRef"]["name"] for source in sources}


def test_nats_seeds_and_signing_keys_are_files_of_their_owner(manifests, pods):
    mounted = {}
    for name, template in pods(manifests).items():
        for volume in template["spec"]["volumes"]:
            if "secret" in volume:
                (item,) = volume["secret"]["items"]
                mounted[name, item["key"]] = volume["secret"]["defaultMode"]
    workers = ("publisher", "catalog-api", "records-api", "reproducer")
    assert mounted == {
        ("auth-gateway", "signing-keys.json"): 0o440,
        ("migration", "operator.seed"): 0o440,
        **{(f"{name}-worker", f"{name}.seed"): 0o440 for name in workers},
    }


def test_files_named_in_the_environment_are_mounted(render, pods):
    values = {"reproducer": {"platforms": [PLATFORM]}, "postgres": {}}
    values["postgres"]["ca"] = {"existingSecret": "ca"}
    for template in pods(render(values)).values():
        paths = {v["name"]: _paths(v) for v in template["spec"]["volumes"]}
        for container in _containers(template):
            there = {
                f"{mount['mountPath']}/{path}".removesuffix("/.")
                for mount in container["volumeMounts"]
                for path in paths[mount["name"]]
            }
            named = {
                value
                for value in environment_of(container).values()
                if value.startswith(("/etc/", "/var/"))
            }
            assert named <= there


def _paths(volume):
    if "secret" in volume:
        return [item["path"] for item in volume["secret"]["items"]]
    return ["platforms.json"] if "configMap" in volume else ["."]


def test_trusted_proxies_are_read_by_the_gateway(render, pods, monkeypatch):
    values = {"gateway": {"trustedProxies": ["10.0.0.0/8", "fd00::/8"]}}
    environment = environment_of(pods(render(values))["auth-gateway"]["spec"]["containers"][0])
    monkeypatch.setenv("EARTHCODE_TRUSTED_PROXIES", environment["EARTHCODE_TRUSTED_PROXIES"])
    networks = GatewaySettings().trusted_proxies
    assert [str(network) for network in networks] == values["gateway"]["trustedProxies"]


def test_extras_reach_the_container(render, pods):
    extra = {
        "extraEnv": [{"name": "EARTHCODE_FORUM_URL", "value": "https://forum.example.org"}],
        "extraEnvFrom": [{"secretRef": {"name": "more"}}],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/ssl/more"}],
    }
    found = pods(render({"services": {"publisher": extra}}))
    for name in ("publisher", "publisher-worker"):
        (container,) = found[name]["spec"]["containers"]
        assert extra["extraEnv"][0] in container["env"]
        assert container["envFrom"] == extra["extraEnvFrom"]
        assert extra["extraVolumeMounts"][0] in container["volumeMounts"]
        assert extra["extraVolumes"][0] in found[name]["spec"]["volumes"]
    assert "envFrom" not in found["catalog-api"]["spec"]["containers"][0]

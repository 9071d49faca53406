"""The two servers: records-api on a PostgreSQL of its own, and pygeoapi 0.21 with TinyDB."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import asyncpg
from earthcode_common import migrate
from earthcode_common.db import Database, plain_url
from earthcode_common.ogc.entities import Key
from records_api.domain.records import entity
from records_api.operations.projection import project
from records_api.service import SERVICE

PYGEOAPI = "pygeoapi==0.21.0"
BATCH = 500
CONFIG = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: {url}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  languages: [en-US]
  limits: {{default_items: 10, max_items: 1000}}
  map: {{url: "https://tile.example/{{z}}/{{x}}/{{y}}.png", attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification:
    title: Records
    description: Records
    keywords: [records]
    keywords_type: theme
    terms_of_service: none
    url: https://example.org
  license: {{name: none, url: https://example.org}}
  provider: {{name: bench, url: https://example.org}}
  contact: {{name: bench}}
resources:
  workflows:
    type: collection
    title: Workflows
    description: Workflows
    keywords: [workflows]
    links: []
    extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}}}
    providers:
      - type: record
        name: TinyDBCatalogue
        data: {data}
        id_field: id
        time_field: created
        title_field: title
"""


async def fill(dsn: str, name: str, documents: list[dict[str, Any]]) -> str:
    """A database of our own with these workflows; returns its address."""
    connection = await asyncpg.connect(plain_url(dsn))
    await connection.execute(f'create database "{name}"')
    await connection.close()
    url = dsn.replace("/postgres?", f"/{name}?")
    await migrate.migrate(url, SERVICE.package)
    database = Database(url, application="bench")
    for start in range(0, len(documents), BATCH):
        async with database.write() as session:
            await project(session, [_entity(one) for one in documents[start : start + BATCH]])
    await database.close()
    connection = await asyncpg.connect(plain_url(url))
    await connection.execute("vacuum analyze")
    await connection.close()
    return url


def _entity(document: dict[str, Any]) -> Any:
    text, key = json.dumps(document), Key("workflow", document["id"])
    return entity(key, 1, "", text, "https://records.example")


@contextmanager
def ours(database: str) -> Iterator[str]:
    """records-api as it is deployed, one process; its collection's address."""
    port = _free()
    environment = os.environ | {
        "EARTHCODE_DATABASE_URL": database,
        "EARTHCODE_ENVIRONMENT": "local",
        "EARTHCODE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "EARTHCODE_LOG_LEVEL": "ERROR",
    }
    words = [sys.executable, "-m", "records_api", "serve", "--port", str(port)]
    with _running(words, environment, port):
        yield f"http://127.0.0.1:{port}/records/collections/workflows"


@contextmanager
def pygeoapi(folder: Path, documents: list[dict[str, Any]]) -> Iterator[str]:
    """One worker of gunicorn with TinyDB, in an environment of its own."""
    port, bin = _free(), _installed(folder)
    data, config = folder / "records.tinydb", folder / "config.yml"
    kept = {str(n): _searchable(one) for n, one in enumerate(documents, 1)}
    data.write_text(json.dumps({"_default": kept}))
    config.write_text(CONFIG.format(port=port, url=f"http://127.0.0.1:{port}", data=data))
    environment = os.environ | {
        "PYGEOAPI_CONFIG": str(config),
        "PYGEOAPI_OPENAPI": str(folder / "openapi.yml"),
        "HOME": str(folder),
    }
    generate = [bin / "pygeoapi", "openapi", "generate", config, "--output-file"]
    subprocess.run(
        [*generate, folder / "openapi.yml"], env=environment, check=True, capture_output=True
    )
    words = [str(bin / "gunicorn"), "-w", "1", "-b", f"127.0.0.1:{port}", "--timeout", "300"]
    with _running([*words, "pygeoapi.flask_app:APP"], environment, port):
        yield f"http://127.0.0.1:{port}/collections/workflows"


def _searchable(document: dict[str, Any]) -> dict[str, Any]:
    """With the member that pygeoapi's loader adds for its text search."""
    said = document["properties"]
    text = " ".join([said["title"], said["description"], *said["keywords"]])
    return document | {"properties": said | {"_metadata-anytext": text}}


def _installed(folder: Path) -> Path:
    """The programs of the environment, made once from the package index."""
    bin = folder / "venv/bin"
    if not (bin / "gunicorn").exists():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", folder / "venv"], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", bin / "python"]
        subprocess.run([*install, PYGEOAPI, "gunicorn"], check=True)
    return bin


@contextmanager
def _running(words: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
    try:
        _await(port, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!s} ended with {process.returncode}")
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port

"""pygeoapi's two files, `pygeoapi.yml` and `openapi.json`, written anew at every start."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pygeoapi.config import validate_config

from . import folders, openapi
from .definitions import DEFINITIONS

TITLE = "EarthCODE processes"
DESCRIPTION = "An OGC API Processes platform: deterministic processes on synthetic data."
SYNC_SECONDS = 30
SYNC_CLIENTS = 8


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    data_dir: Path
    public_url: str
    parallel_jobs: int
    waiting_jobs: int
    job_seconds: float
    keep_days: float
    log_level: str


def write(settings: Settings) -> dict[str, Any]:
    """Writes both files, sets where pygeoapi finds them and returns the configuration."""
    configuration = described(settings)
    validate_config(configuration)
    files = {
        "PYGEOAPI_CONFIG": settings.data_dir / "pygeoapi.yml",
        "PYGEOAPI_OPENAPI": settings.data_dir / "openapi.json",
    }
    files["PYGEOAPI_CONFIG"].write_text(yaml.safe_dump(configuration, sort_keys=False))
    files["PYGEOAPI_OPENAPI"].write_text(json.dumps(openapi.document(configuration), indent=2))
    os.environ.update({name: str(path) for name, path in files.items()})
    return configuration


def described(settings: Settings) -> dict[str, Any]:
    return {
        "server": server(settings),
        "logging": {"level": settings.log_level},
        "metadata": metadata(settings),
        "resources": {name: process(name) for name in DEFINITIONS},
    }


def server(settings: Settings) -> dict[str, Any]:
    return {
        "bind": {"host": settings.host, "port": settings.port},
        "url": settings.public_url,
        "mimetype": "application/json; charset=UTF-8",
        "encoding": "utf-8",
        "languages": ["en-US"],
        "gzip": False,
        "cors": False,
        "pretty_print": True,
        # Left on, it would let anyone who reaches the server rewrite its configuration.
        "admin": False,
        "limits": {"default_items": 20, "max_items": 500, "on_exceed": "throttle"},
        "map": {"url": "https://tile.openstreetmap.org/{z}/{x}/{y}.png", "attribution": "OSM"},
        "manager": manager(settings),
    }


def manager(settings: Settings) -> dict[str, Any]:
    return {
        "name": "earthcode_processes.manager.JobManager",
        "connection": str(folders.database(settings.data_dir)),
        "output_dir": str(settings.data_dir / "jobs"),
        "data_dir": str(settings.data_dir),
        "public_url": settings.public_url,
        "parallel_jobs": settings.parallel_jobs,
        "waiting_jobs": settings.waiting_jobs,
        "job_seconds": settings.job_seconds,
        "keep_days": settings.keep_days,
        "sync_seconds": SYNC_SECONDS,
        "sync_clients": SYNC_CLIENTS,
    }


def metadata(settings: Settings) -> dict[str, Any]:
    return {
        "identification": {
            "title": TITLE,
            "description": DESCRIPTION,
            "keywords": ["OGC API Processes", "reproducibility"],
            "keywords_type": "theme",
            "terms_of_service": "https://www.apache.org/licenses/LICENSE-2.0",
            "url": settings.public_url,
        },
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        "provider": {"name": "EarthCODE", "url": settings.public_url},
        "contact": {"name": "EarthCODE", "url": settings.public_url},
    }


def process(name: str) -> dict[str, Any]:
    plugin = {"name": "earthcode_processes.processor.Processor", "process": name}
    return {"type": "process", "processor": plugin}

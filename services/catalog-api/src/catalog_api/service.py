"""The catalogue as a service: what it serves, its loops, its commands."""

from earthcode_common.service import Service
from earthcode_common.worker import prune_daily, react, relay

from catalog_api.app import create_app
from catalog_api.loading.command import LOAD
from catalog_api.reactions import project_entities, rebuild
from catalog_api.settings import CatalogSettings

SERVICE = Service(
    name="catalog-api",
    package="catalog_api",
    create_app=create_app,
    settings=CatalogSettings,
    loops=(
        relay("catalog-api"),
        react("catalog-api", project_entities),
        prune_daily,
    ),
    commands={"rebuild": rebuild},
    tools={"load": LOAD},
)

"""The records service: what it serves, its loops, its commands."""

from earthcode_common.service import Service
from earthcode_common.worker import prune_daily, react, relay

from records_api.app import create_app
from records_api.reactions import SERVICE as NAME
from records_api.reactions import project_entities, rebuild

SERVICE = Service(
    name=NAME,
    package="records_api",
    create_app=create_app,
    loops=(relay(NAME), react(NAME, project_entities), prune_daily),
    commands={"rebuild": rebuild},
)

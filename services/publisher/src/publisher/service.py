"""The publisher as a service."""

from earthcode_common.service import Service

from publisher.app import create
from publisher.settings import PublisherSettings
from publisher.worker import LOOPS

SERVICE = Service(
    name="publisher",
    package="publisher",
    create_app=create,
    settings=PublisherSettings,
    loops=LOOPS,
)

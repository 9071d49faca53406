from earthcode_common.service import Service
from earthcode_common.worker import prune_daily, relay

from reproducer.app import create_app
from reproducer.settings import ReproducerSettings
from reproducer.worker.dispatcher import dispatch_runs

SERVICE = Service(
    name="reproducer",
    package="reproducer",
    create_app=create_app,
    settings=ReproducerSettings,
    loops=[dispatch_runs, relay("reproducer"), prune_daily],
)

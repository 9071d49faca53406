"""Settings of the publisher, beside those every service has."""

from earthcode_common.settings import ServiceSettings


class PublisherSettings(ServiceSettings):
    lease_seconds: int = 60
    # A projection that stays silent is told again after this long, then twice as long, ...
    retell_seconds: float = 30
    # ... and the submission counts as failed (it may be retried) after this long.
    confirm_within_hours: float = 24
    expire_after_days: int = 180
    sweep_seconds: float = 10

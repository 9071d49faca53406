"""Settings of the catalogue, beside those every service has."""

from earthcode_common.settings import ServiceSettings

GIBIBYTE = 1024**3


class CatalogSettings(ServiceSettings):
    # Off, a change without If-Match overwrites whatever is there.
    require_if_match: bool = True
    # Bulk loads are read as they come, so they may be larger than other bodies.
    max_bulk_bytes: int = GIBIBYTE

"""The STAC API of the federation, under ``/stac``."""

import logging

# stac-fastapi reads settings of its own as soon as it is imported, and warns that nobody set them.
logging.getLogger("stac_fastapi.types.config").setLevel(logging.ERROR)

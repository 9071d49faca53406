"""pygeoapi's own WSGI application, with corrections and the route of the outputs.

pygeoapi reads its configuration when it is imported: `PYGEOAPI_CONFIG` and `PYGEOAPI_OPENAPI` must
be set before.
"""

import logging

from pygeoapi.flask_app import APP, api_

from .corrections import correct
from .outputs import blueprint

__all__ = ["APP"]

# A client's mistake is no error of ours, nor is a word that is not the name of a language.
logging.getLogger("pygeoapi.api").setLevel(logging.CRITICAL)
logging.getLogger("pygeoapi.l10n").setLevel(logging.ERROR)

correct(APP, api_.manager)
APP.register_blueprint(blueprint(api_.manager))

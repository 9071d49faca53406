import sys

if sys.argv[1:2] == ["load"]:  # It begins in half the time without what serves.
    from earthcode_common.tool import main as run

    from catalog_api.loading.command import LOAD
    from catalog_api.settings import CatalogSettings

    sys.exit(run("python -m catalog_api load", LOAD, CatalogSettings, sys.argv[2:]))

from earthcode_common.service import main

from catalog_api.service import SERVICE

sys.exit(main(SERVICE))

import sys

from earthcode_common.service import main

from catalog_api.service import SERVICE

sys.exit(main(SERVICE))

import sys

from earthcode_common.service import main

from records_api.service import SERVICE

sys.exit(main(SERVICE))

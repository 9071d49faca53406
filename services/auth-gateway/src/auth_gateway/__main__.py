import sys

from earthcode_common.service import main

from auth_gateway.service import SERVICE

sys.exit(main(SERVICE))

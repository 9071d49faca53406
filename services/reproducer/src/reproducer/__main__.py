import sys

from earthcode_common.service import main

from reproducer.service import SERVICE

sys.exit(main(SERVICE))

from earthcode_common.service import main

from publisher.service import SERVICE

raise SystemExit(main(SERVICE))

"""`make bench` and `make bench-catalog`: ratios, measured in one run on this machine."""

import argparse
import sys

from bench import gateway
from bench.catalog import command as catalog


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words = parser.add_subparsers(dest="what", metavar="{gateway,catalog}")
    for name, module, told in (
        ("gateway", gateway, "what the gateway costs (default)"),
        ("catalog", catalog, "the catalogue beside stac-fastapi-pgstac and beside a bare search"),
    ):
        one = words.add_parser(
            name, help=told, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        module.arguments(one)
        one.set_defaults(run=module.main)
    given = sys.argv[1:]
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = ["gateway", *given]
    options = parser.parse_args(given)
    done: int = options.run(options)
    return done


if __name__ == "__main__":
    sys.exit(main())

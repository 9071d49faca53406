"""`make bench`, `bench-catalog` and `bench-records`: ratios, measured in one run here."""

import argparse
import sys

from bench import gateway, records
from bench.catalog import command as catalog


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words = parser.add_subparsers(dest="what", metavar="{gateway,catalog,records}")
    for name, module, told in (
        ("gateway", gateway, "what the gateway costs (default)"),
        ("catalog", catalog, "the catalogue beside stac-fastapi-pgstac and beside a bare search"),
        ("records", records, "records beside pygeoapi 0.21; what facets and many records cost"),
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

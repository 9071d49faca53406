"""`python -m earthcode_local.oidc --port N --data-dir DIR`: the provider on 127.0.0.1."""

import argparse
import os
import sys
from pathlib import Path

import uvicorn

from earthcode_local.oidc.app import create_app
from earthcode_local.oidc.provider import RefusedToStart, is_loopback, load_provider


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m earthcode_local.oidc", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--data-dir", type=Path, required=True)
    asked = parser.parse_args()
    environment = os.environ.get("EARTHCODE_ENVIRONMENT", "production")
    try:
        if not is_loopback(asked.host):
            raise RefusedToStart(f"the development provider does not listen on {asked.host}")
        provider = load_provider(f"http://{asked.host}:{asked.port}", asked.data_dir, environment)
    except RefusedToStart as error:
        print(error, file=sys.stderr)
        return 2
    app = create_app(provider)
    uvicorn.run(
        app,
        host=asked.host,
        port=asked.port,
        http="httptools",
        server_header=False,
        log_level="info",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

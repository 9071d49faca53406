"""Write what a new installation has to draw at random, once, into a new folder.

.venv/bin/python deploy/helm/new_secrets.py secrets

secrets/nats/<user>.seed      NKey seeds of the services and of the operator
secrets/nats-keys.yaml        their public keys, as values for the NATS chart
secrets/signing-keys.json     private JWK set of the gateway (ES256)
secrets/page-token-key        signs page tokens
"""

import secrets
import sys
from pathlib import Path

import nkeys
import yaml
from auth_gateway import keys
from earthcode_common.streams import SERVICES
from nats_values import variable


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        print(f"{folder} exists; secrets are not written over", file=sys.stderr)
        return 1
    write(folder)
    return 0


def write(folder: Path) -> None:
    (folder / "nats").mkdir()
    public = {}
    for service in SERVICES:
        seed = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
        (folder / "nats" / f"{service}.seed").write_bytes(seed)
        public[variable(service)] = nkeys.from_seed(bytearray(seed)).public_key.decode()
    (folder / "nats-keys.yaml").write_text(yaml.safe_dump({"container": {"env": public}}))
    # The first signs; the second is known to everybody before it does.
    keys.write(folder / "signing-keys.json", [keys.new_key(), keys.new_key()])
    (folder / "page-token-key").write_text(secrets.token_urlsafe(32))


if __name__ == "__main__":
    sys.exit(main())

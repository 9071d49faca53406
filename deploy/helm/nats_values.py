"""Print values for the official NATS chart: one user per service, with what the contracts allow.

    .venv/bin/python deploy/helm/nats_values.py > deploy/helm/nats-values.yaml

The public keys come from the environment of the server (`new_secrets.py` writes them as values).
"""

import yaml
from earthcode_common.streams import SERVICES, permissions

HEADER = """\
# Values for the chart nats/nats (https://nats-io.github.io/k8s): three servers with JetStream, and
# a user per service that may do what the service needs and nothing else.
# Written by nats_values.py from the contracts in libs/common; a test compares them.
"""


def main() -> None:
    print(HEADER + yaml.safe_dump(values(), sort_keys=False, width=100), end="")


def values() -> dict:
    return {
        "config": {
            "cluster": {"enabled": True, "replicas": 3},
            "jetstream": {"enabled": True, "fileStore": {"pvc": {"size": "20Gi"}}},
            "merge": {"authorization": {"users": [_user(service) for service in SERVICES]}},
        },
        "natsBox": {"enabled": False},
        "promExporter": {"enabled": True},
    }


def _user(service: str) -> dict:
    allowed = permissions(service)
    return {
        # The NATS chart takes the quotes off what stands between << and >>.
        "nkey": f"<< ${variable(service)} >>",
        "permissions": {
            "publish": {"allow": allowed["publish"]},
            "subscribe": {"allow": allowed["subscribe"]},
        },
    }


def variable(service: str) -> str:
    return f"EARTHCODE_NKEY_{service.upper().replace('-', '_')}"


if __name__ == "__main__":
    main()

"""Streams, durable consumers and least permissions, all derived from the contracts.

``python -m earthcode_common.streams setup`` needs the operator's credentials; services may only
publish their own subjects and pull from their own consumers.
"""

import argparse
import asyncio
import sys

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from earthcode_common import messaging
from earthcode_common.contracts import CONSUMERS, DEAD_STREAM, PRODUCERS, STREAM, Consumer
from earthcode_common.settings import ServiceSettings

YEAR = 365 * 24 * 3600.0
SERVICES = (*PRODUCERS, "operator")


def permissions(service: str) -> dict[str, list[str]]:
    """NATS subject permissions of a service's user (``publish`` and ``subscribe`` allow-lists)."""
    inbox = f"_INBOX_{service}.>"
    if service == "operator":
        allowed = ["$JS.API.>", "$JS.ACK.>", "earthcode.>", "dead.>"]
        return {"publish": allowed, "subscribe": [inbox]}
    publish = [f"earthcode.{PRODUCERS[service]}.>", "dead.earthcode.>"]
    for consumer in CONSUMERS:
        if consumer.service == service:
            publish += [
                f"$JS.API.CONSUMER.INFO.{STREAM}.{consumer.name}",
                f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{consumer.name}",
                f"$JS.ACK.{STREAM}.{consumer.name}.>",
            ]
    return {"publish": publish, "subscribe": [inbox]}


async def setup(stream: JetStreamContext, *, replicas: int = 1) -> None:
    """Create or update both streams and every consumer; repeating it changes nothing."""
    await _ensure_stream(
        stream,
        StreamConfig(
            name=STREAM,
            subjects=["earthcode.>"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            discard=DiscardPolicy.OLD,
            max_age=YEAR,
            duplicate_window=600,
            num_replicas=replicas,
            allow_direct=True,
        ),
    )
    await _ensure_stream(
        stream,
        StreamConfig(
            name=DEAD_STREAM, subjects=["dead.>"], max_age=YEAR / 4, num_replicas=replicas
        ),
    )
    for consumer in CONSUMERS:
        await stream.add_consumer(STREAM, _config(consumer))


async def _ensure_stream(stream: JetStreamContext, config: StreamConfig) -> None:
    try:
        await stream.update_stream(config)
    except NotFoundError:
        await stream.add_stream(config)


def _config(consumer: Consumer) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=consumer.name,
        ack_policy=AckPolicy.EXPLICIT,
        deliver_policy=DeliverPolicy.ALL,
        ack_wait=60,
        max_ack_pending=2000,
        filter_subjects=[event.pattern for event in consumer.events],
    )


async def _setup(replicas: int) -> None:
    client = await messaging.connect(ServiceSettings(), "operator")
    try:
        await setup(client.jetstream(), replicas=replicas)
    finally:
        await client.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m earthcode_common.streams", description=__doc__)
    parser.add_argument("command", choices=["setup"])
    parser.add_argument("--replicas", type=int, default=1, help="copies of each stream (cluster)")
    arguments = parser.parse_args()
    asyncio.run(_setup(arguments.replicas))
    return 0


if __name__ == "__main__":
    sys.exit(main())

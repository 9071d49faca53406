"""The AsyncAPI 3.0 document of the federation's events, generated from the contracts.

``python -m earthcode_common.asyncapi > docs/extend/asyncapi.json``
"""

import json
import sys
from typing import Any

from earthcode_common import __version__
from earthcode_common.contracts import CONSUMERS, EVENTS, EventType


def document() -> dict[str, Any]:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "EarthCODE Federation events",
            "version": __version__,
            "description": "CloudEvents 1.0, NATS binding, binary mode (ce-* headers)."
            " Payloads are references below 8 kB; the document is fetched at `href`.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"nats": {"host": "nats:4222", "protocol": "nats"}},
        "channels": {_key(event): _channel(event) for event in EVENTS},
        "operations": {
            f"send.{_key(event)}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{_key(event)}"},
                "summary": (event.payload.__doc__ or "").split("\n")[0],
            }
            for event in EVENTS
        },
        "components": {"messages": {_key(event): _message(event) for event in EVENTS}},
    }


def _key(event: EventType) -> str:
    return f"{event.service}.{event.name}"


def _channel(event: EventType) -> dict[str, Any]:
    listeners = [c.name for c in CONSUMERS if event in c.events]
    return {
        "address": f"earthcode.{_key(event)}.{{kind}}.{{key}}",
        "messages": {"event": {"$ref": f"#/components/messages/{_key(event)}"}},
        "parameters": {
            "kind": {"description": "kind of the entity"},
            "key": {"description": "its id, percent-encoded, dots as %2E"},
        },
        "x-durable-consumers": listeners,
    }


def _message(event: EventType) -> dict[str, Any]:
    return {
        "name": event.type,
        "headers": {
            "type": "object",
            "properties": {
                "ce-type": {"const": event.type},
                "ce-id": {"type": "string", "format": "uuid"},
                "ce-source": {"const": f"/{event.service}"},
                "ce-subject": {"type": "string"},
                "ce-time": {"type": "string", "format": "date-time"},
                "traceparent": {"type": "string"},
            },
            "required": ["ce-type", "ce-id", "ce-source", "ce-subject", "ce-time"],
        },
        "payload": event.payload.model_json_schema(),
    }


def text() -> str:
    return json.dumps(document(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())

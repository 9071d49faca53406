"""The values for the NATS chart: what the contracts say, and what a real server makes of them."""

import asyncio
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import nats.errors
import pytest
import yaml
from auth_gateway import keys
from earthcode_common import contracts, messaging, streams
from earthcode_common.settings import ServiceSettings
from earthcode_local.servers import Nats

HELM = Path(__file__).parents[2] / "deploy/helm"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "secrets"
    subprocess.run([sys.executable, HELM / "new_secrets.py", folder], check=True)
    return folder


def test_the_shipped_file_is_what_the_contracts_say():
    printed = subprocess.run(
        [sys.executable, HELM / "nats_values.py"], check=True, capture_output=True, text=True
    )
    assert (HELM / "nats-values.yaml").read_text() == printed.stdout
    users = yaml.safe_load(printed.stdout)["config"]["merge"]["authorization"]["users"]
    assert [user["permissions"]["publish"]["allow"] for user in users] == [
        streams.permissions(service)["publish"] for service in streams.SERVICES
    ]


def test_new_secrets_are_complete_and_never_written_over(secrets):
    assert {path.stem for path in (secrets / "nats").iterdir()} == set(streams.SERVICES)
    again = [sys.executable, str(HELM / "new_secrets.py"), str(secrets)]
    assert subprocess.run(again, check=False, capture_output=True).returncode == 1
    assert secrets.stat().st_mode & 0o077 == 0
    assert len(keys.read(secrets / "signing-keys.json")) == 2
    assert len((secrets / "page-token-key").read_text()) >= 43


def test_seeds_are_named_as_the_chart_mounts_them(secrets, manifests, pods):
    mounted = {
        volume["secret"]["items"][0]["key"]
        for template in pods(manifests).values()
        for volume in template["spec"]["volumes"]
        if volume["name"] == "nats"
    }
    assert mounted == {path.name for path in (secrets / "nats").iterdir()}


@pytest.fixture(scope="module")
def server(secrets, tmp_path_factory):
    """nats-server with the users of nats-values.yaml, as the NATS chart would configure it."""
    merge = yaml.safe_load((HELM / "nats-values.yaml").read_text())["config"]["merge"]
    public = yaml.safe_load((secrets / "nats-keys.yaml").read_text())["container"]["env"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in public.items():
            patch.setenv(name, value)
        # What the chart's nats.formatConfig does.
        text = re.sub(r'"<<\s+(.*)\s+>>"', r"\1", json.dumps(merge, indent=2))
        folder = tmp_path_factory.mktemp("nats")
        with Nats(
            folder / "data", config_text=text.strip().removeprefix("{").removesuffix("}")
        ) as s:
            yield s.url


@pytest.fixture
async def connect(server, secrets):
    clients = []

    async def connected(service, *, inbox=None):
        seed = secrets / "nats" / f"{service}.seed"
        settings = ServiceSettings(nats_url=server, nats_seed_file=seed)
        clients.append(await messaging.connect(settings, inbox or service))
        return clients[-1]

    yield connected
    for client in clients:
        await client.close()


@pytest.fixture
async def ready(connect):
    operator = await connect("operator")
    await streams.setup(operator.jetstream(timeout=60))
    return connect


async def test_nobody_comes_in_without_a_seed(server):
    with pytest.raises((nats.errors.Error, OSError)):
        await nats.connect(server, allow_reconnect=False, connect_timeout=2)


@pytest.mark.parametrize("event", contracts.EVENTS, ids=lambda e: e.type)
async def test_each_event_is_published_by_its_service_and_no_other(event, ready):
    words = {word: service for service, word in contracts.PRODUCERS.items()}
    subject = event.subject("product", "an.id")
    for service in contracts.PRODUCERS:
        client = await ready(service)
        if service == words[event.service]:
            stream = client.jetstream(timeout=60)
            assert (await stream.publish(subject, b"{}")).stream == contracts.STREAM
        else:
            with pytest.raises(nats.errors.TimeoutError):
                await client.jetstream(timeout=0.5).publish(subject, b"{}")


@pytest.mark.parametrize("consumer", contracts.CONSUMERS, ids=lambda c: c.name)
async def test_each_consumer_is_read_by_its_service_and_no_other(consumer, ready):
    event = consumer.events[0]
    words = {word: service for service, word in contracts.PRODUCERS.items()}
    publisher = await ready(words[event.service])
    await publisher.jetstream().publish(event.subject("product", "an.id"), b"{}")
    for service in contracts.PRODUCERS:
        stream = (await ready(service)).jetstream(timeout=60)
        pull = await stream.pull_subscribe_bind(consumer.name, contracts.STREAM)
        if service == consumer.service:
            (message, *_) = await pull.fetch(1, timeout=60)
            await message.ack_sync(timeout=60)
        else:
            with pytest.raises(nats.errors.TimeoutError):
                await pull.fetch(1, timeout=0.5)


async def test_services_cannot_change_streams_or_read_what_others_are_told(ready):
    client = await ready("catalog-api")
    with pytest.raises(nats.errors.TimeoutError):
        await client.jetstream(timeout=0.5).delete_stream(contracts.STREAM)
    refused = asyncio.Event()
    client._error_cb = _setting(refused)
    await client.subscribe("earthcode.>")
    await asyncio.wait_for(refused.wait(), 60)


def _setting(event):
    async def called(error):
        if "permissions violation" in str(error).lower():
            event.set()

    return called


def test_the_scripts_agree_on_names(secrets):
    spec = importlib.util.spec_from_file_location("nats_values", HELM / "nats_values.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    public = yaml.safe_load((secrets / "nats-keys.yaml").read_text())["container"]["env"]
    assert set(public) == {module.variable(service) for service in streams.SERVICES}

"""One sandbox for all tests that don't need one of their own."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.tests import helpers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a sandbox of their own come last: they end the shared one."""
    items.sort(key=lambda item: "fresh" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def up() -> Iterator[None]:
    """A sandbox that is up until the tests that end it, which come last."""
    helpers.sandbox("up", "--state-delay", "0.4", "--boot-delay", "0.6", "--instances-max", "12")
    yield
    helpers.sandbox("down")


@pytest.fixture
def ec2(up: None) -> Iterator[Any]:
    """An EC2 client; the test's instances and faults end with the test."""
    client = helpers.client("ec2")
    before = helpers.alive(client)
    yield client
    helpers.sandbox("fault", "clear")
    if new := helpers.alive(client) - before:
        client.terminate_instances(InstanceIds=sorted(new))
        helpers.wait_for(lambda: not helpers.alive(client) & new)

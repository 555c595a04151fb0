"""Whoever follows the pages of GET /messages gets each message exactly once, also while others are sent."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.sandbox import Behaviour, Sandbox
from msgflash_gitops.sandbox.answers import instant
from tests.sandbox.api import INSTANCE, START, TEXT, Api
from tests.sandbox.test_messages import AUDIENCES, HOUR, LYON, at, every
from tests.support.server import running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(now=lambda: START, behaviour=Behaviour(rate_limit=1_000_000))
    for number, recipients in enumerate([*AUDIENCES, *AUDIENCES[1:3]]):
        instance = (INSTANCE, LYON)[number % 2]
        sandbox.add_campaign({**TEXT, "schedule": at(number * HOUR), "instanceId": instance, "recipients": recipients})
    sandbox.advance(6 * HOUR)
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def api(sandbox: Sandbox) -> Iterator[Api]:
    with running(sandbox) as url:
        api = Api(url)
        yield api
        api.http.close()


@settings(deadline=None, max_examples=12)
@given(
    limit=st.integers(30, 100),
    instance=st.sampled_from([None, INSTANCE, LYON]),
    status=st.sampled_from([None, "delivered", "failed", "sent"]),
)
def test_each_message_comes_exactly_once(api: Api, limit: int, instance: str | None, status: str | None) -> None:
    asked = {name: value for name, value in (("instanceId", instance), ("status", status)) if value}
    whole = [
        each
        for each in every(api, limit=100)
        if instance in (None, each["instanceId"]) and status in (None, each["status"])
    ]
    found = every(api, limit=limit, **asked)
    assert [each["id"] for each in found] == [each["id"] for each in whole]
    assert len({each["id"] for each in found}) == len(found)


@settings(deadline=None, max_examples=8)
@given(limit=st.integers(40, 100), between=st.integers(0, 5))
def test_also_while_others_are_sent(api: Api, sandbox: Sandbox, limit: int, between: int) -> None:
    before = [each["id"] for each in every(api, limit=100)]
    page = api.get("/messages", limit=limit).data
    found = page["messages"]
    while page["hasMore"]:
        if between:
            sandbox.add_campaign({**TEXT, "schedule": instant(sandbox.now())})
            between -= 1
        page = api.get("/messages", limit=limit, cursor=page["nextCursor"]).data
        found += page["messages"]
    assert [each["id"] for each in found] == before

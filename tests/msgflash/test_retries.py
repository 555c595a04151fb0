"""The retry policy: a create is repeated only where it is certain that nothing happened."""

import asyncio
import socket
from typing import Any

import pytest

from msgflash_gitops.errors import Ambiguous, ApiError, BadAnswer, Interrupted, Refused, Unreachable
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from tests.msgflash.client import BODY, CREATED, KEY, NONE, READS, WRITES, RetryPolicy, Timeouts, said, talking
from tests.msgflash.clocks import QuickClock
from tests.msgflash.wire import Act, Said, answer, cut, refused, serving

QUICK = Timeouts(connect=0.2, read=0.2, write=0.2, total=0.4)
LIMIT = refused("API_RATE_LIMIT_EXCEEDED", 429)
UNCERTAIN: dict[str, Said] = {
    "dropped": Act.DROP,
    "time-out": Act.HANG,
    "cut off": cut(CREATED),
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "500": refused("INTERNAL_ERROR", 500),
    "502": refused("PROVIDER_TIMEOUT", 502),
    "503 of a proxy": answer(b"<html>busy</html>", 503),
    "504": answer(b"", 504),
    "599": answer({}, 599),
    "408": answer(b"", 408),
    "425": answer(b"", 425),
    "garbage in a 200": answer(b"<html>hello</html>", 200),
    "nothing in a 201": answer(b"", 201),
    "204": b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n",
    "half of the JSON": answer(b'{"data": {"id": "c1", "na', 201),
    "broken gzip": answer(b"\x1f\x8b not gzip", 201, content_encoding="gzip"),
}
ODD_SHAPES = {
    "an empty object": {},
    "no data": {"id": "c1"},
    "data is null": {"data": None},
    "a list": {"data": [{"id": "c1"}]},
    "no id": {"data": {"name": "Spring", "status": "scheduled"}},
    "a number as id": {"data": {"id": 1, "name": "Spring", "status": "scheduled"}},
    "no status": {"data": {"id": "c1", "name": "Spring"}},
}


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("call", WRITES)
def test_a_write_is_never_repeated_when_its_outcome_is_open(call: str, fault: str) -> None:
    error, wire = said([UNCERTAIN[fault], CREATED], call, timeouts=QUICK)
    assert isinstance(error, Ambiguous)
    assert error.operation == call
    assert wire.count("POST") == len(wire.received) == 1


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_a_create_answered_in_another_shape_leaves_its_outcome_open(shape: str) -> None:
    error, wire = said([answer(ODD_SHAPES[shape], 201), CREATED], "create campaign")
    assert isinstance(error, Ambiguous)
    assert wire.count("POST") == 1


@pytest.mark.parametrize("limit", [LIMIT, answer(b"", 429), answer(b"<html>slow down</html>", 429)])
@pytest.mark.parametrize("call", WRITES)
def test_a_write_refused_for_the_rate_is_sent_again(call: str, limit: bytes) -> None:
    result, wire = said([limit, limit, CREATED], call)
    assert not isinstance(result, Exception)
    assert wire.count("POST") == 3


def test_each_attempt_of_a_create_carries_the_same_body() -> None:
    _, wire = said([LIMIT, CREATED], "create campaign")
    assert [each.json for each in wire.received] == [BODY, BODY]


@pytest.mark.parametrize(
    "code", ["MONTHLY_API_REQUEST_QUOTA_EXCEEDED", "MONTHLY_OUTBOUND_QUOTA_EXCEEDED", "SOMETHING_NEW"]
)
@pytest.mark.parametrize("call", ["create campaign", "list campaigns"])
def test_another_429_is_not_worth_a_retry(call: str, code: str) -> None:
    error, wire = said([refused(code, 429), CREATED], call)
    assert isinstance(error, Refused)
    assert (error.code, error.status, len(wire.received)) == (code, 429, 1)


def test_an_uncertain_answer_after_a_429_is_not_repeated_either() -> None:
    error, wire = said([LIMIT, Act.DROP, CREATED], "create campaign")
    assert isinstance(error, Ambiguous)
    assert wire.count("POST") == 2


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("call", READS)
def test_a_read_is_tried_again_when_its_answer_was_lost(call: str, fault: str) -> None:
    good = answer({"data": {"id": "c1", "name": "n", "status": "s"}}) if call == "get campaign" else NONE
    result, wire = said([UNCERTAIN[fault], UNCERTAIN[fault], good], call, timeouts=QUICK)
    assert not isinstance(result, Exception)
    assert wire.count("GET") == 3


@pytest.mark.parametrize("fault", UNCERTAIN)
def test_a_read_is_given_up_on_in_the_end(fault: str) -> None:
    error, wire = said([UNCERTAIN[fault]], "list instances", timeouts=QUICK, policy=RetryPolicy(lost=2))
    assert isinstance(error, ApiError) and not isinstance(error, Ambiguous | Refused)
    assert error.exit_code == 3
    assert error.hint
    assert len(wire.received) == 2


def test_a_read_that_is_no_json_says_so() -> None:
    error, _ = said([answer(b"<html>hello</html>")], "list instances")
    assert isinstance(error, BadAnswer)
    assert "base URL" in (error.hint or "")


@pytest.mark.parametrize("call", ["list campaigns", "get campaign", "create campaign", "pause campaign"])
def test_a_refusal_is_final(call: str) -> None:
    error, wire = said([refused("FORBIDDEN", 403), CREATED], call)
    assert isinstance(error, Refused)
    assert len(wire.received) == 1


def test_pauses_between_lost_reads_double_and_are_jittered() -> None:
    clock = QuickClock()
    said([answer(b"", 500)] * 5 + [NONE], "list instances", clock=clock, policy=RetryPolicy(lost=6))
    pauses = [each for each in clock.slept if each > 0.2]
    for pause, least in zip(pauses, (0.5, 1, 2, 4, 8), strict=True):
        assert least <= pause <= least * 1.5


class OpensLater(QuickClock):
    """The server begins to listen during the first pause."""

    def __init__(self, bound: socket.socket) -> None:
        super().__init__()
        self.bound = bound

    async def sleep(self, seconds: float) -> None:
        self.bound.listen()
        await super().sleep(seconds)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_refused_connection_is_tried_again(method: str) -> None:
    async def scenario(bound: socket.socket) -> tuple[Any, int]:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        clock = OpensLater(bound)
        async with open_client(Credentials(url, Secret(KEY)), clock) as client:
            attempt = asyncio.create_task(
                client.create_campaign(BODY) if method == "POST" else client.get_campaign("c1")
            )
            await clock.sleeping.wait()
            async with serving([CREATED], sock=bound) as wire:
                return await attempt, len(wire.received)

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        created, received = asyncio.run(scenario(bound))
    assert created.id == "c1"
    assert received == 1


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_server_that_stays_away_is_unreachable(method: str) -> None:
    async def scenario(url: str) -> tuple[Exception, int]:
        async with open_client(Credentials(url, Secret(KEY)), QuickClock()) as client:
            with pytest.raises(Unreachable) as caught:
                await (client.create_campaign(BODY) if method == "POST" else client.list_instances())
            return caught.value, client.requests

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        error, requests = asyncio.run(scenario(f"http://127.0.0.1:{port}"))
    assert f"cannot be reached at 127.0.0.1:{port}: " in str(error)
    assert requests == RetryPolicy().unsent


class TestBeforeWrite:
    """What an interrupt asks before each write leaves."""

    def test_is_asked_for_every_attempt_of_a_write_and_for_no_read(self) -> None:
        asked: list[None] = []

        async def scenario() -> int:
            async with talking([NONE, LIMIT, CREATED], before_write=lambda: asked.append(None)) as (client, wire):
                await client.list_instances()
                await client.create_campaign(BODY)
                return wire.count("POST")

        assert asyncio.run(scenario()) == len(asked) == 2

    def test_keeps_the_request_back_by_raising(self) -> None:
        def stop() -> None:
            raise Interrupted("stopping")

        error, wire = said([CREATED], "create campaign", before_write=stop)
        assert isinstance(error, Interrupted)
        assert wire.received == []


def test_every_request_is_counted_retries_included() -> None:
    async def scenario() -> tuple[int, int]:
        async with talking([answer(b"", 500), LIMIT, NONE, CREATED]) as (client, wire):
            await client.list_instances()
            await client.create_campaign(BODY)
            return client.requests, len(wire.received)

    assert asyncio.run(scenario()) == (4, 4)

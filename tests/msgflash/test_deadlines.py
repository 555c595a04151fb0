"""One deadline for each logical call, and memory that a hostile answer cannot take."""

import asyncio
import itertools
import json
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from msgflash_gitops.errors import Ambiguous, ApiError, BadAnswer, Refused
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.msgflash import Credentials, Secret, calls, open_client, paging
from msgflash_gitops.msgflash.assumptions import (
    LARGEST_ANSWER,
    LARGEST_LISTING,
    MOST_ITEMS,
    MOST_MARKS,
    SECONDS_BETWEEN_REQUESTS,
)
from msgflash_gitops.msgflash.body import TooManyValues, read_json
from msgflash_gitops.msgflash.client import Client
from msgflash_gitops.msgflash.pacing import HeldTooLong, Pacer
from tests.msgflash.client import KEY, NONE, RetryPolicy, Timeouts, said, talking
from tests.msgflash.clocks import QuickClock, SimulatedClock
from tests.msgflash.wire import Act, Received, answer, refused

LIMIT = refused("API_RATE_LIMIT_EXCEEDED", 429, retry_after="30")
MANY = RetryPolicy(lost=1000, unsent=1000, pause=0.001, longest=0.001)


@asynccontextmanager
async def pouring(chunk: bytes, pause: float, head: bytes = b"") -> AsyncIterator[str]:
    """A server whose answer never ends: the same chunk again and again."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + head)
            while True:
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(pause)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def poured(
    call: Callable[[Client], Awaitable[Any]], timeouts: Timeouts, chunk: bytes, pause: float, head: bytes = b""
) -> tuple[ApiError, float, int]:
    """The error that the call ends in, how many seconds it took, and how many requests."""

    async def scenario() -> tuple[ApiError, float, int]:
        async with (
            pouring(chunk, pause, head) as url,
            open_client(Credentials(url, Secret(KEY)), QuickClock(), timeouts=timeouts, policy=MANY) as client,
        ):
            began = time.perf_counter()
            with pytest.raises(ApiError) as caught:
                await call(client)
            return caught.value, time.perf_counter() - began, client.requests

    return asyncio.run(scenario())


class TestOneCall:
    def test_a_list_that_drips_ends_with_the_call_and_not_with_each_attempt(self) -> None:
        timeouts = Timeouts(attempt=0.2, call=0.5)
        error, seconds, requests = poured(lambda client: client.list_campaigns(), timeouts, b" ", 0.01)
        assert "no whole answer" in error.message
        assert 0.4 <= seconds < 1.5
        assert requests == 3

    def test_silence_ends_with_the_call(self) -> None:
        began = time.perf_counter()
        error, wire = said([Act.HANG], "get campaign", timeouts=Timeouts(read=0.1, call=0.35), policy=MANY)
        assert type(error) is ApiError
        assert time.perf_counter() - began < 1.5
        assert 2 <= len(wire.received) <= 4

    def test_pauses_between_attempts_count(self) -> None:
        clock = QuickClock()
        error, _ = said([answer(b"", 500)], "list instances", clock=clock, policy=RetryPolicy(lost=1000))
        assert type(error) is ApiError
        assert 30 <= sum(each for each in clock.slept if each > 0.2) <= 45

    def test_waits_that_a_429_asks_for_count(self) -> None:
        clock = QuickClock()
        error, wire = said([LIMIT] * 5 + [NONE], "list instances", clock=clock)
        assert isinstance(error, Refused)
        assert (error.code, error.status, error.exit_code) == ("API_RATE_LIMIT_EXCEEDED", 429, 3)
        assert "asked to wait (HTTP 429) beyond the 45 seconds" in error.message and "one key per pipeline" in (
            error.hint or ""
        )
        assert (len(wire.received), clock.seconds) == (2, 30), "the second wait would not fit, so it is not begun"

    def test_a_wait_that_fits_is_waited_for(self) -> None:
        clock = QuickClock()
        found, _ = said(
            [LIMIT, refused("API_RATE_LIMIT_EXCEEDED", 429, retry_after="14"), NONE], "list instances", clock=clock
        )
        assert (found, clock.seconds) == ([], 44)

    def test_an_answer_that_is_lost_after_such_a_wait_says_what_took_the_time(self) -> None:
        error, _ = said([LIMIT, answer(b"", 500)], "list instances", policy=RetryPolicy(lost=2))
        assert "HTTP 500) (30 of them waiting, because MsgFlash asked for it with HTTP 429)" in error.message

    def test_waits_that_the_answers_of_others_ask_for_count_as_well(self) -> None:
        """With many reads at once each 429 holds all of them: none may wait for the sum."""
        clock = SimulatedClock()

        async def one(pacer: Pacer, ended: list[float]) -> None:
            budget = 45.0
            try:
                while True:
                    budget -= await pacer.turn(patience=budget)
                    pacer.hold(30.0)
            except HeldTooLong:
                ended.append(clock.monotonic())

        async def everybody() -> list[float]:
            pacer, ended = Pacer(clock), list[float]()
            await asyncio.gather(*(one(pacer, ended) for _ in range(50)))
            return ended

        ended = clock.run(everybody())
        assert len(ended) == 50
        assert max(ended) <= 45 + 50 * 0.105

    def test_a_write_has_the_time_of_one_request(self) -> None:
        timeouts = Timeouts(attempt=0.01, call=0.01, total=0.3)
        error, seconds, requests = poured(lambda client: client.create_campaign({}), timeouts, b" ", 0.01)
        assert isinstance(error, Ambiguous)
        assert 0.3 <= seconds < 1.5
        assert requests == 1


def endless(number: int, padding: int = 0) -> bytes:
    """A page of one group, and there is always another."""
    group = {"id": f"g{number}", "name": "n", "description": "x" * padding, "contactCount": 1}
    return answer({"data": {"groups": [group], "nextCursor": f"{number}", "hasMore": True}})


class TestWholeList:
    def test_many_slow_pages_end_with_the_listing(self) -> None:
        pages = itertools.count()

        async def script(request: Received) -> bytes:
            await asyncio.sleep(0.05)
            number = next(pages)
            item = {"id": f"c{number}", "name": "n", "status": "s"}
            return answer({"data": {"campaigns": [item], "nextCursor": f"{number}", "hasMore": True}})

        began = time.perf_counter()
        error, wire = said(script, "list campaigns", timeouts=Timeouts(listing=0.4))
        assert type(error) is ApiError
        assert time.perf_counter() - began < 2
        assert 2 <= len(wire.received) <= 9

    def test_each_list_has_its_own_time(self) -> None:
        async def script(request: Received) -> bytes:
            await asyncio.sleep(0.15)
            return NONE

        async def four_times() -> list[Any]:
            async with talking(script, timeouts=Timeouts(listing=0.4)) as (client, _):
                return [await client.list_instances() for _ in range(4)]

        assert asyncio.run(four_times()) == [[]] * 4

    def test_waits_after_a_429_end_with_the_listing_which_says_so(self) -> None:
        number = itertools.count()

        def script(request: Received) -> bytes:
            at = next(number)
            return LIMIT if at % 2 else endless(at)

        error, wire = said(script, "list groups", timeouts=Timeouts(listing=100.0))
        assert isinstance(error, Refused)
        assert "asked to wait (HTTP 429) beyond the 10 seconds" in error.message
        assert len(wire.received) == 8

    def test_its_pages_may_not_be_larger_than_so_much_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(calls, "LARGEST_LISTING", 3 * 1024 * 1024)
        number = itertools.count()
        error, wire = said(lambda _: endless(next(number), padding=1024 * 1024), "list groups")
        assert isinstance(error, BadAnswer)
        assert "list groups" in error.message and "larger than 3 MiB together" in error.message
        assert len(wire.received) == 3

    def test_it_may_not_hold_more_items_than_so_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(paging, "MOST_ITEMS", 3)
        number = itertools.count()
        error, wire = said(lambda _: endless(next(number)), "list groups")
        assert isinstance(error, BadAnswer)
        assert "list groups: more than 3 items" in error.message
        assert len(wire.received) == 4

    def test_the_limits_leave_room_for_large_accounts(self) -> None:
        """What ten minutes bring at our pace, a hundred contacts on each page of 25 kB."""
        pages = Timeouts().listing / SECONDS_BETWEEN_REQUESTS
        assert pages * 100 < MOST_ITEMS
        assert pages * 25_000 < LARGEST_LISTING


@pytest.mark.parametrize("call", ["list campaigns", "create campaign"])
def test_padding_without_end_is_cut_by_its_size(call: str) -> None:
    """Read once: asking again would bring the same."""
    writes: Callable[[Client], Awaitable[Any]] = lambda client: client.create_campaign({})  # noqa: E731
    reads: Callable[[Client], Awaitable[Any]] = lambda client: client.list_campaigns()  # noqa: E731
    tracemalloc.start()
    try:
        error, _, requests = poured(reads if call == "list campaigns" else writes, Timeouts(), b" " * 65536, 0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "larger than 24 MiB" in error.message
    assert isinstance(error, BadAnswer if call == "list campaigns" else Ambiguous)
    assert requests == 1
    assert peak < 3 * LARGEST_ANSWER


def test_packing_within_packing_is_not_unpacked() -> None:
    error, _ = said([answer(b"x", 200, content_encoding="gzip, gzip")], "list instances", policy=RetryPolicy(lost=1))
    assert "packed" in str(error)


# The worst that is let through: as many small values of one kind as may be, or as much text.
DENSE: dict[str, Callable[[], bytes]] = {
    "lists": lambda: b"[" + b",".join([b"[]"] * (MOST_MARKS // 2 - 1)) + b"]",
    "numbers": lambda: b"[" + b",".join([b"1.5"] * (MOST_MARKS - 2)) + b"]",
    "texts": lambda: b"[" + b",".join([b'"abc"'] * (MOST_MARKS - 2)) + b"]",
    "objects": lambda: b"[" + b",".join([b'{"a":1}'] * (MOST_MARKS // 3 - 1)) + b"]",
    "emoji": lambda: b'"' + "\U0001f600".encode() * (LARGEST_ANSWER // 4 - 1) + b'"',
    "halves of emoji": lambda: b'"' + b"\\ud83d" * (LARGEST_ANSWER // 6 - 1) + b'"',
}


@pytest.mark.parametrize("kind", DENSE)
def test_what_an_answer_takes_is_a_small_multiple_of_the_limit(kind: str) -> None:
    body = DENSE[kind]()
    assert len(body) <= LARGEST_ANSWER
    tracemalloc.start()
    try:
        read_json(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * LARGEST_ANSWER


@pytest.mark.parametrize("unit", [b"[],", b"{},", b"0,", b'"",', b'{"a":0},'])
def test_more_values_than_that_are_refused_before_they_are_made(unit: bytes) -> None:
    body = b"[" + unit * ((LARGEST_ANSWER - 10) // len(unit)) + b"0]"
    tracemalloc.start()
    try:
        with pytest.raises(TooManyValues):
            read_json(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1024 * 1024


@pytest.mark.parametrize("call", ["list campaigns", "create campaign"])
def test_an_answer_of_too_many_values(call: str) -> None:
    body = answer(b'{"data":[' + b"[]," * MOST_MARKS + b"0]}")
    error, wire = said([body], call)
    assert isinstance(error, BadAnswer if call == "list campaigns" else Ambiguous)
    assert "2,000,000 values" in str(error)
    assert len(wire.received) == 1


def test_a_plain_list_of_ten_thousand_campaigns_fits() -> None:
    recipients: Json = {"type": "tags", "value": ["client", "vip"]}
    one = {
        **dict.fromkeys(("userId", "instanceId", "templateId"), "fbc55e1d-d4ba-5bdd-a0c4-42bb6f6f0a11"),
        **{"name": "April Newsletter [crm/april-newsletter@3f9a1c2b04]", "status": "completed", "type": "text"},
        **{"body": "Hello, dear customer, here is an offer. " * 25, "mediaUrl": None, "recipients": recipients},
        **dict.fromkeys(("schedule", "createdAt", "updatedAt"), "2027-04-15T07:00:00.000Z"),
        "stats": dict.fromkeys(("planned", "queued", "sent", "delivered", "read", "failed", "cancelled"), 100),
    }
    body = json.dumps({"data": [{"id": f"c{number}", **one} for number in range(10_001)]}).encode()
    assert LARGEST_ANSWER / 2 < len(body) < LARGEST_ANSWER
    found, _ = said([answer(body)], "list campaigns")
    assert len(found) == 10_001

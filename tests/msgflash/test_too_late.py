"""A create leaves in time or not at all: every attempt is checked, and a wait that would go beyond the moment ends at once."""

import asyncio
import socket
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.errors import ApiError, Interrupted, Refused, TooLate, Unreachable
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.msgflash.assumptions import SECONDS_BETWEEN_REQUESTS
from msgflash_gitops.msgflash.client import Client
from msgflash_gitops.msgflash.leave import Leave
from msgflash_gitops.msgflash.pacing import Pacer, TurnTooLate
from tests.msgflash.client import BODY, CREATED, KEY, NONE, RetryPolicy, said, talking
from tests.msgflash.clocks import START, QuickClock, SimulatedClock
from tests.msgflash.wire import Received, answer, refused


def limit(retry_after: int | None = None) -> bytes:
    return refused("API_RATE_LIMIT_EXCEEDED", 429, **({} if retry_after is None else {"retry_after": str(retry_after)}))


def creating(seconds: float) -> Any:
    return lambda client: client.create_campaign(BODY, until=START + timedelta(seconds=seconds))


def test_after_retry_after_the_create_leaves_when_that_is_in_time() -> None:
    created, wire = said([limit(30), CREATED], creating(30))
    assert created.id == "c1"
    assert wire.count("POST") == 2


def test_a_retry_after_that_would_be_too_late_is_not_waited_for() -> None:
    clock = QuickClock()
    error, wire = said([limit(30), CREATED], creating(29.9), clock=clock)
    assert type(error) is TooLate
    assert "did not leave" in error.message and "nothing was sent" in error.message and "HTTP 429" in error.message
    assert (error.operation, error.exit_code) == ("create campaign", 3)
    assert error.hint
    assert wire.count("POST") == 1
    assert clock.seconds == 0, "ends at once"


@pytest.mark.parametrize("seconds", [0.1, 3, 10, 40])
def test_growing_pauses_end_before_the_moment(seconds: float) -> None:
    clock = QuickClock()
    left: list[float] = []

    def script(request: Received) -> bytes:
        left.append(clock.seconds)
        return limit()

    error, _ = said(script, creating(seconds), clock=clock, policy=RetryPolicy(rate_limited=100))
    assert type(error) is TooLate
    assert left == sorted(left) and left[-1] <= seconds
    assert clock.seconds <= seconds


def test_one_that_is_too_late_from_the_start_never_leaves() -> None:
    error, wire = said([CREATED], creating(-0.001))
    assert type(error) is TooLate
    assert wire.received == []
    created, _ = said([CREATED], creating(0))
    assert created.id == "c1"


def test_a_refusal_that_comes_in_time_is_a_refusal() -> None:
    error, _ = said([refused("VALIDATION_ERROR", 400)], creating(0))
    assert isinstance(error, Refused)


@pytest.mark.parametrize(("seconds", "kind"), [(0.4, TooLate), (60, Unreachable)])
def test_a_connection_is_not_tried_again_when_that_would_be_too_late(seconds: float, kind: type[ApiError]) -> None:
    async def scenario(url: str) -> tuple[Exception, int]:
        async with open_client(Credentials(url, Secret(KEY)), QuickClock()) as client:
            with pytest.raises(kind) as caught:
                await creating(seconds)(client)
            return caught.value, client.requests

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        error, requests = asyncio.run(scenario(f"http://127.0.0.1:{bound.getsockname()[1]}"))
    assert "cannot be reached" in str(error)
    assert requests == (1 if kind is TooLate else RetryPolicy().unsent)


class PassesWhileConnecting(QuickClock):
    """Looking at this clock takes a second: the moment passes between the turn and the open connection."""

    def now(self) -> Any:
        self.seconds += 1.0
        return super().now()


def test_the_clock_is_looked_at_once_more_when_the_connection_is_there() -> None:
    clock = PassesWhileConnecting()
    looks = 3  # at the turn, before the connection, and at the beginning of the exchange

    error, wire = said([CREATED], creating(looks + 0.5), clock=clock)
    assert type(error) is TooLate
    assert wire.received == []


class TestBefore:
    def test_is_called_for_each_attempt_after_its_wait(self) -> None:
        clock = QuickClock()
        asked: list[float] = []

        async def scenario() -> None:
            async with talking([limit(5), limit(7), CREATED], clock=clock) as (client, _):
                await client.create_campaign(BODY, before=lambda: asked.append(clock.seconds))

        asyncio.run(scenario())
        assert asked == pytest.approx([0, 5, 12])

    def test_keeps_a_later_attempt_back_by_raising(self) -> None:
        asked: list[None] = []

        def before() -> None:
            asked.append(None)
            if len(asked) == 2:
                raise Interrupted("stopping")

        async def create(client: Client) -> Any:
            return await client.create_campaign(BODY, before=before)

        error, wire = said([limit(1), CREATED], create)
        assert isinstance(error, Interrupted)
        assert wire.count("POST") == 1

    def test_of_the_client_comes_first_and_stays(self) -> None:
        order: list[str] = []

        async def create(client: Client) -> Any:
            return await client.create_campaign(BODY, before=lambda: order.append("call"))

        said([limit(1), CREATED], create, before_write=lambda: order.append("client"))
        assert order == ["client", "call", "client", "call"]


def queue(latest: list[float | None], hold: float = 0.0) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """Everybody comes at 0; who left when, and who gave up when. The first one to leave is told to hold off."""
    clock = SimulatedClock()
    left: list[tuple[int, float]] = []
    gave_up: list[tuple[int, float]] = []

    async def one(number: int, pacer: Pacer) -> None:
        try:
            await pacer.turn(latest[number])
        except TurnTooLate:
            gave_up.append((number, clock.monotonic()))
            return
        left.append((number, clock.monotonic()))
        if hold and len(left) == 1:
            pacer.hold(hold)

    async def everybody() -> None:
        pacer = Pacer(clock)
        await asyncio.gather(*(one(number, pacer) for number in range(len(latest))))

    clock.run(everybody())
    return left, gave_up


def test_the_queue_is_left_at_once_by_who_would_come_too_late() -> None:
    left, gave_up = queue([1.0] * 50)
    assert [number for number, _ in left] == list(range(10))
    assert gave_up == [(number, 0.0) for number in range(10, 50)]


def test_who_gives_up_holds_nobody_else() -> None:
    left, gave_up = queue([None, None, 0.15, None, None])
    assert [number for number, _ in left] == [0, 1, 3, 4]
    assert gave_up == [(2, 0.0)]
    assert left[-1][1] == pytest.approx(3 * SECONDS_BETWEEN_REQUESTS)


def test_a_hold_sends_those_away_who_can_no_longer_be_in_time() -> None:
    left, gave_up = queue([None, 5.0, 5.0, None, 60.0], hold=30.0)
    assert [number for number, _ in left] == [0, 3, 4]
    assert left[1][1] == pytest.approx(30.0)
    assert [number for number, _ in gave_up] == [1, 2]
    assert all(at <= 5.0 for _, at in gave_up)


@settings(deadline=None)
@given(
    latest=st.lists(st.none() | st.floats(0, 4, allow_nan=False), min_size=1, max_size=40),
    hold=st.floats(0, 3, allow_nan=False),
)
def test_nobody_leaves_too_late_and_nobody_waits_beyond(latest: list[float | None], hold: float) -> None:
    left, gave_up = queue(latest, hold)
    assert len(left) + len(gave_up) == len(latest)
    assert [number for number, _ in left] == sorted(number for number, _ in left)
    for number, at in left + gave_up:
        moment = latest[number]
        assert moment is None or at <= moment + 1e-9


def test_many_creates_behind_a_429_are_sent_in_time_or_not_at_all() -> None:
    """Twelve creates, a server that says 429 with Retry-After: 30, starts in 20 seconds: none leaves after that."""
    clock = QuickClock()
    left: list[float] = []

    def script(request: Received) -> bytes:
        left.append(clock.seconds)
        return limit(30) if len(left) > 3 else CREATED

    async def scenario() -> list[Any]:
        async with talking(script, clock=clock) as (client, _):
            return await asyncio.gather(*(creating(20)(client) for _ in range(12)), return_exceptions=True)

    found = asyncio.run(scenario())
    assert all(type(each) is TooLate for each in found if isinstance(each, Exception))
    assert sum(not isinstance(each, Exception) for each in found) == 3
    assert all(each <= 20 for each in left)


def test_without_a_moment_nothing_is_too_late() -> None:
    assert Leave().latest(QuickClock()) is None
    assert said([NONE], "list instances")[0] == []
    created, _ = said([limit(30)] * 5 + [answer({"data": {"id": "c", "name": "n", "status": "s"}})], "create campaign")
    assert created.id == "c"

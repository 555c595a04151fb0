"""Never more than ten requests in any second, as fast as that allows, slower for everybody after a 429."""

import asyncio
import math
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.msgflash.assumptions import LONGEST_RETRY_AFTER, SECONDS_BETWEEN_REQUESTS
from msgflash_gitops.msgflash.pacing import HeldTooLong, Pacer
from msgflash_gitops.sandbox import Sandbox
from tests.msgflash.client import NONE, RetryPolicy, said, talking
from tests.msgflash.clocks import START, QuickClock, SimulatedClock
from tests.msgflash.wire import Received, answer, refused
from tests.support.server import running

LIMIT = refused("API_RATE_LIMIT_EXCEEDED", 429)
SPANS = st.floats(0, 3, allow_nan=False)


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(start <= each < start + 1.0 for each in moments) for start in moments)


def departures(arrivals: list[float], latency: float = 0.0, holds: dict[int, float] | None = None) -> list[float]:
    """When each of several callers, who come at `arrivals`, is let go; number n then says that it was held off."""
    clock = SimulatedClock()
    left: list[float] = []

    async def one(number: int, at: float, pacer: Pacer) -> None:
        await clock.sleep(at)
        await pacer.turn()
        left.append(clock.monotonic())
        if holds and number in holds:
            pacer.hold(holds[number])
        await clock.sleep(latency)

    async def everybody() -> None:
        pacer = Pacer(clock)
        await asyncio.gather(*(one(number, at, pacer) for number, at in enumerate(arrivals)))

    clock.run(everybody())
    return left


@settings(deadline=None)
@given(arrivals=st.lists(SPANS, min_size=1, max_size=40), holds=st.dictionaries(st.integers(0, 39), SPANS, max_size=4))
def test_never_more_than_ten_in_any_second(arrivals: list[float], holds: dict[int, float]) -> None:
    left = departures(arrivals, holds=holds)
    assert len(left) == len(arrivals)
    assert left == sorted(left)
    assert most_in_a_second(left) <= 10


@pytest.mark.parametrize("latency", [0.0, 0.5, 30.0])
def test_latency_does_not_lower_the_rate(latency: float) -> None:
    left = departures([0.0] * 50, latency)
    assert left[-1] == pytest.approx(49 * SECONDS_BETWEEN_REQUESTS)


def test_idle_time_is_not_saved_up_for_a_burst() -> None:
    left = departures([0.0] + [60.0] * 20)
    assert most_in_a_second(left) <= 10
    assert left[1] == 60.0


def test_first_come_first_served() -> None:
    clock, order = SimulatedClock(), []

    async def one(number: int, pacer: Pacer) -> None:
        await pacer.turn()
        order.append(number)

    async def everybody() -> None:
        pacer = Pacer(clock)
        await asyncio.gather(*(one(number, pacer) for number in range(25)))

    clock.run(everybody())
    assert order == list(range(25))


def test_a_hold_stops_everybody_who_has_not_left() -> None:
    left = departures([0.0] * 8, holds={2: 9.0})
    assert left[2] + 9.0 == pytest.approx(left[3])
    assert all(later - earlier >= SECONDS_BETWEEN_REQUESTS - 1e-9 for earlier, later in pairwise(left))


def test_a_shorter_hold_does_not_end_a_longer_one() -> None:
    left = departures([0.0] * 4, holds={0: 5.0, 1: 0.0})
    assert left[1] >= 5.0


class TestHeld:
    """How much of a wait a 429 asked for: what a read's deadline counts, and what it does not."""

    def waits(
        self, *holds: tuple[float, float], start: float = 0.0, patience: float = math.inf
    ) -> tuple[float, float] | None:
        """Holds are (when, how long). When the one that comes at `start` leaves, and what it was told; None where it gave up."""
        clock = SimulatedClock()

        async def hold(pacer: Pacer, at: float, seconds: float) -> None:
            await clock.sleep(at)
            pacer.hold(seconds)

        async def scenario() -> tuple[float, float] | None:
            pacer = Pacer(clock)
            for _ in range(10):
                await pacer.turn()  # a queue of our own
            others = [asyncio.ensure_future(hold(pacer, *each)) for each in holds]
            await clock.sleep(start)
            try:
                held = await pacer.turn(patience=patience)
            except HeldTooLong:
                return None
            finally:
                await asyncio.gather(*others)
            return clock.monotonic() - 9 * SECONDS_BETWEEN_REQUESTS, held

        return clock.run(scenario())

    def test_our_own_queue_is_none_of_it(self) -> None:
        assert self.waits() == pytest.approx((SECONDS_BETWEEN_REQUESTS, 0.0))

    def test_what_is_left_of_a_hold_that_began_before(self) -> None:
        assert self.waits((0.0, 10.0), start=4.0) == pytest.approx((10.0, 6.0))

    def test_a_hold_that_is_over_costs_nothing(self) -> None:
        assert self.waits((0.0, 3.0), start=4.0) == pytest.approx((4.0, 0.0))

    def test_holds_at_the_same_time_count_once(self) -> None:
        assert self.waits((0.0, 10.0), (0.0, 4.0), (5.0, 10.0), start=1.0) == pytest.approx((15.0, 14.0))

    def test_who_has_less_time_leaves_the_queue(self) -> None:
        assert self.waits((0.0, 10.0), start=4.0, patience=6.0) is None
        assert self.waits((0.0, 10.0), start=4.0, patience=6.1) is not None
        assert self.waits((0.0, 10.0), (5.0, 10.0), start=1.0, patience=10.0) is None


def test_requests_do_not_wait_for_the_answers_of_others() -> None:
    """The server says nothing before all ten are there: a client with fewer in flight would never end."""
    together = 10

    async def scenario() -> int:
        barrier = asyncio.Barrier(together)

        async def script(request: Received) -> bytes:
            await barrier.wait()
            return NONE

        async with talking(script) as (client, wire):
            await asyncio.gather(*(client.list_instances() for _ in range(together)))
            return len(wire.received)

    assert asyncio.run(scenario()) == together


def test_the_sandbox_sees_no_request_too_many() -> None:
    clock = QuickClock()
    sandbox = Sandbox(now=clock.now, monotonic=clock.monotonic)

    async def scenario(url: str) -> None:
        async with open_client(Credentials(url, Secret(sandbox.api_key)), clock) as client:
            for _ in range(35):
                await client.list_instances()

    with running(sandbox) as url:
        asyncio.run(scenario(url))
    assert {each.status for each in sandbox.requests} == {200}
    assert most_in_a_second([each.at for each in sandbox.requests]) == 10
    sandbox.close()


def test_a_429_slows_the_whole_key() -> None:
    clock = QuickClock()
    arrived: list[float] = []

    def script(request: Received) -> bytes:
        arrived.append(clock.monotonic())
        return refused("API_RATE_LIMIT_EXCEEDED", 429, retry_after="7") if len(arrived) == 1 else NONE

    async def scenario() -> None:
        async with talking(script, clock=clock) as (client, _):
            first = asyncio.create_task(client.list_instances())
            await clock.sleeping.wait()
            await asyncio.gather(first, client.list_groups(), client.list_campaigns())

    asyncio.run(scenario())
    assert len(arrived) == 4
    assert all(each >= 7.0 for each in arrived[1:])


def waited(retry_after: str | None) -> float:
    """Seconds between a 429 with that header and the next request."""
    clock = QuickClock()
    header = {} if retry_after is None else {"retry_after": retry_after}
    result, _ = said([refused("API_RATE_LIMIT_EXCEEDED", 429, **header), NONE], "list instances", clock=clock)
    assert result == []
    return clock.seconds


@pytest.mark.parametrize(("written", "seconds"), [("3", 3.0), ("30", 30.0), ("86400", 30.0), ("9" * 500, 30.0)])
def test_retry_after_in_seconds_is_honoured_and_capped(written: str, seconds: float) -> None:
    assert waited(written) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("ahead", "seconds"), [(12, 12.0), (3600, LONGEST_RETRY_AFTER), (-60, SECONDS_BETWEEN_REQUESTS)]
)
def test_retry_after_as_a_date_is_honoured_and_capped(ahead: int, seconds: float) -> None:
    at = START.replace(minute=0).timestamp() + ahead
    written = format_datetime(START.fromtimestamp(at, START.tzinfo), usegmt=True)
    assert waited(written) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "written", [None, "", "soon", "-5", "1.5", "\xb2", "Mon, 01 Jan 2020 00:00:00 +99999999999999999"]
)
def test_without_a_readable_retry_after_there_is_a_pause_of_ours(written: str | None) -> None:
    assert 0.5 <= waited(written) <= 2.0


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40))
def test_whatever_retry_after_says_the_wait_is_bounded(written: str) -> None:
    assert 0 < waited(written) <= LONGEST_RETRY_AFTER


def test_pauses_grow_while_the_limit_lasts() -> None:
    clock = QuickClock()
    said([LIMIT] * 6 + [NONE], "list instances", clock=clock)
    for slept, least in zip(clock.slept, (1, 2, 4, 8, 8, 8), strict=True):
        assert least <= slept <= least * 1.5


def test_the_limit_is_given_up_on_in_the_end() -> None:
    error, wire = said([LIMIT], "list instances", policy=RetryPolicy(rate_limited=4))
    assert error.code == "API_RATE_LIMIT_EXCEEDED"
    assert len(wire.received) == 4


def test_an_answer_with_a_date_tells_the_clock_skew() -> None:
    date = format_datetime(START.replace(minute=10), usegmt=True)

    async def scenario() -> float | None:
        async with talking([answer({"data": []}, date=date)]) as (client, _):
            await client.list_instances()
            return client.clock_skew

    assert asyncio.run(scenario()) == pytest.approx(-600, abs=2)

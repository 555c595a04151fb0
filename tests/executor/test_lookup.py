"""Looking campaigns up: when listings begin, which of them counts, and how many requests thousands of lookups cost."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from msgflash_gitops.executor.settings import Settings
from msgflash_gitops.executor.steps import Steps
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.support.bench import Bench, want

MakeBench = Callable[..., Bench]
Listed = list[LiveCampaign]
LIST = "^/campaigns$"
SETTLED = [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.0]


def never(_: Listed) -> bool:
    return False


def always(_: Listed) -> bool:
    return True


def test_the_first_listing_that_shows_it_is_the_last_one(bench: Bench) -> None:
    bench.add(want())
    found = bench.do(lambda steps: steps.lookup.until(lambda listed: len(listed) == 1))
    assert found is not None
    assert [each.name for each in found] == [bench.sandbox.campaigns()[0]["name"]]
    assert bench.times("GET") == [0.0]


def test_what_never_shows_is_looked_for_until_it_had_time_to_settle(bench: Bench) -> None:
    bench.add(want())
    found = bench.do(lambda steps: steps.lookup.until(never))
    assert found is not None
    assert len(found) == 1
    assert bench.times("GET") == SETTLED


@pytest.mark.parametrize("settle, reads", [(0.0, [0.0]), (0.5, [0.0, 0.5]), (0.501, [0.0, 0.5, 0.605])])
def test_the_last_listing_begins_when_the_time_is_over(
    make_bench: MakeBench, settle: float, reads: list[float]
) -> None:
    bench = make_bench(settings=Settings(settle=timedelta(seconds=settle)))
    bench.do(lambda steps: steps.lookup.until(never))
    assert bench.times("GET") == reads


def test_a_listing_that_fails_is_not_the_end_unless_it_is_the_last(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("refuse", "GET", LIST, code="FORBIDDEN", status=403))
    assert bench.do(lambda steps: steps.lookup.until(always)) == []
    assert bench.times("GET") == [0.0, 0.5]


def test_where_the_last_listing_fails_nothing_is_known(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("refuse", "GET", LIST, code="FORBIDDEN", status=403, skip=6))
    assert bench.do(lambda steps: steps.lookup.until(never)) is None
    assert bench.times("GET") == SETTLED


def test_only_a_listing_after_every_doubt_counts_as_settled(bench: Bench) -> None:
    """An answer was lost two seconds before: what it left behind may show until the fifteenth second after that."""

    async def work(steps: Steps) -> Listed | None:
        steps.lookup.doubt()
        await steps.clock.sleep(4)
        return await steps.lookup.until(always, settled=True)

    assert bench.do(work) == []
    assert bench.times("GET") == [4.0, 4.5, 5.5, 7.5, 11.5, 15.5]


def test_without_a_doubt_the_first_listing_counts_as_settled(bench: Bench) -> None:
    async def work(steps: Steps) -> Listed | None:
        await steps.clock.sleep(4)
        return await steps.lookup.until(always, settled=True)

    assert bench.do(work) == []
    assert bench.times("GET") == [4.0]


@pytest.mark.parametrize("wait, reads", [(15.0, 1), (14.999, 2)])
def test_a_listing_that_begins_when_the_doubt_is_over_counts(bench: Bench, wait: float, reads: int) -> None:
    async def work(steps: Steps) -> Listed | None:
        steps.lookup.doubt()
        await steps.clock.sleep(wait)
        return await steps.lookup.until(always, settled=True)

    bench.do(work)
    assert len(bench.times("GET")) == reads


def test_a_doubt_does_not_matter_to_who_asks_for_one_campaign(bench: Bench) -> None:
    async def work(steps: Steps) -> Listed | None:
        steps.lookup.doubt()
        return await steps.lookup.until(always)

    bench.do(work)
    assert bench.times("GET") == [0.0]


def test_many_lookups_at_once_share_their_listings(bench: Bench) -> None:
    async def work(steps: Steps) -> list[Listed | None]:
        return await asyncio.gather(*(steps.lookup.until(never) for _ in range(50)))

    assert bench.do(work) == [[]] * 50
    assert bench.times("GET") == SETTLED


def test_who_comes_while_a_listing_is_under_way_gets_one_that_begins_later(make_bench: MakeBench) -> None:
    """The one under way may have been read before what was just created."""
    bench = make_bench(Behaviour(lists=True, latency=1.0))

    async def work(steps: Steps) -> list[Listed | None]:
        first = asyncio.ensure_future(steps.lookup.until(always))
        await steps.clock.sleep(0.25)
        second, third = (asyncio.ensure_future(steps.lookup.until(always)) for _ in range(2))
        return [*await asyncio.gather(first, second, third)]

    assert bench.do(work) == [[], [], []]
    assert bench.times("GET") == [0.0, 1.0]


def test_a_listing_that_fails_fails_for_nobody_who_comes_later(make_bench: MakeBench) -> None:
    bench = make_bench(Behaviour(lists=True, latency=1.0), settings=Settings(settle=timedelta(0)))
    bench.sandbox.faults.add(Fault("refuse", "GET", LIST, code="FORBIDDEN", status=403))

    async def work(steps: Steps) -> list[Listed | None]:
        first = asyncio.ensure_future(steps.lookup.until(always))
        await steps.clock.sleep(0.25)
        return [*await asyncio.gather(first, steps.lookup.until(always))]

    assert bench.do(work) == [None, []]

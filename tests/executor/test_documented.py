"""Without a list of campaigns: a lost answer is in doubt and stays so, and the ledger decides whether anything is written."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from msgflash_gitops.errors import LeaseLost, LedgerError
from msgflash_gitops.model.ledger import Intent, Operation, OutcomeSeen, Phase
from msgflash_gitops.model.outcome import Failure, Outcome
from msgflash_gitops.model.plan import Action
from msgflash_gitops.planning.memory import remember
from msgflash_gitops.sandbox import Behaviour, Fault
from msgflash_gitops.storage.ledger.file import FileStore
from tests.simulation.virtual import START
from tests.support.bench import SOON, Bench, change, want

MakeBench = Callable[..., Bench]
WANTED = want()
CHANGE = change(Action.CREATE, WANTED)
POST = "^/campaigns$"
LEAD = timedelta(minutes=5)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(Behaviour())


@dataclass
class Watched:
    """The ledger's file; `before` is awaited with the lines of each append, and may raise."""

    store: FileStore
    before: Callable[[bytes], Awaitable[None]]
    kind: str = "file"
    place: str = "ledger.jsonl"

    async def read(self, after: int = 0) -> list[bytes]:
        return await self.store.read(after)

    async def append(self, head: int, lines: Sequence[bytes]) -> None:
        await self.before(b"\n".join(lines))
        await self.store.append(head, lines)

    async def close(self) -> None:
        await self.store.close()


def watch(bench: Bench, before: Callable[[bytes], Awaitable[None]]) -> None:
    bench.wrap = lambda store: Watched(store, before)


@pytest.mark.parametrize("kind", ["drop-after", "drop-before", "status-after", "garbage", "truncated"])
def test_a_create_whose_answer_was_lost_is_in_doubt_and_nothing_is_looked_up(bench: Bench, kind: str) -> None:
    bench.sandbox.faults.add(Fault(kind, path=POST))
    result = bench.one(CHANGE)
    assert (result.outcome, result.campaign_id) == (Outcome.UNKNOWN, None)
    assert result.error is not None
    assert result.error.code == "in-doubt"
    assert result.error.message.startswith("the create may have landed: create campaign: ")
    assert result.error.message.endswith("; this API has no list to look it up in")
    assert result.error.hint == (
        f"look in the dashboard for a campaign named '{WANTED.body['name']}': if it is there, `msgflash-gitops link spring ID`; "
        "if not, `msgflash-gitops link spring --none`"
    )
    assert not result.error.unusable
    assert bench.requests() == ["POST /campaigns"]
    intent, outcome = bench.written()
    assert intent == Intent(
        "spring", "create", Operation.CREATE, None, WANTED.digest, WANTED.instance.id, SOON, "none", attempt=1
    )
    assert outcome == OutcomeSeen("spring", "create", Operation.CREATE, Phase.UNKNOWN, None, WANTED.digest)
    (doubt,) = remember(bench.entries()).doubts
    assert (doubt.key, doubt.digest, doubt.start) == ("spring", WANTED.digest, SOON)


def test_one_in_doubt_keeps_no_other_back(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("drop-before", path=POST))
    changes = [change(Action.CREATE, want(f"k{n}", body=f"b{n}")) for n in range(5)]
    outcomes = [each.outcome for each in bench.run(*changes)]
    assert sorted(outcomes) == sorted([Outcome.UNKNOWN, *[Outcome.DONE] * 4])
    assert len(remember(bench.entries()).doubts) == 1
    assert len(remember(bench.entries()).campaigns) == 4


def test_a_definite_refusal_leaves_no_doubt(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("refuse", path=POST, code="VALIDATION_ERROR", status=400))
    assert bench.one(CHANGE).outcome is Outcome.FAILED
    assert bench.noted() == [("create", "intent"), ("create", "refused")]
    assert remember(bench.entries()).doubts == ()


def test_a_429_is_waited_for_and_is_no_doubt(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault("rate-limit", path=POST, times=2))
    assert bench.one(CHANGE).outcome is Outcome.DONE
    assert bench.noted() == [("create", "intent"), ("create", "done")]


def test_a_replace_whose_create_is_in_doubt_leaves_the_old_one_paused(bench: Bench) -> None:
    """So at no moment can both be sent, whatever became of the new one."""
    old = bench.add(want(body="old"))
    bench.sandbox.faults.add(Fault("drop-after", path=POST))
    result = bench.one(change(Action.REPLACE, WANTED, old))
    assert result.outcome is Outcome.UNKNOWN
    assert result.error is not None and result.error.code == "in-doubt"
    assert bench.statuses() == [("old", "paused"), ("Hello", "scheduled")]
    memory = remember(bench.entries())
    assert memory.interrupted == {old.id}
    assert [each.key for each in memory.doubts] == ["spring"]


# the start, and a store that takes its time


@pytest.mark.parametrize("seconds, sent", [(50.0, True), (50.001, False)])
def test_the_start_is_checked_again_once_the_intent_is_durable(bench: Bench, seconds: float, sent: bool) -> None:
    """The store took its time, and meanwhile the start came closer than min_lead."""

    async def slow(lines: bytes) -> None:
        if b'"intent"' in lines:
            await bench.clock.sleep(seconds)

    watch(bench, slow)
    at = START + LEAD + timedelta(seconds=50)
    result = bench.one(change(Action.CREATE, want(at=at)))
    assert (bench.requests() == ["POST /campaigns"]) is sent
    if sent:
        assert result.outcome is Outcome.DONE
        return
    assert (result.outcome, result.error and result.error.code) == (Outcome.FAILED, "late")
    assert bench.noted() == [("create", "intent"), ("create", "not-sent")]
    assert remember(bench.entries()).doubts == (), "it never left, so nothing is in doubt"


def test_a_replace_that_came_too_late_says_that_the_old_one_stays_paused(bench: Bench) -> None:
    async def slow(lines: bytes) -> None:
        if b'"intent"' in lines and b'"create"' in lines:
            await bench.clock.sleep(120)

    at = START + LEAD + timedelta(seconds=50)
    old = bench.add(want(at=at, body="old"))
    watch(bench, slow)
    result = bench.one(change(Action.REPLACE, want(at=at), old))
    assert result.error is not None and result.error.code == "late"
    assert f"the old campaign {old.id} STAYS PAUSED" in result.error.message
    assert bench.statuses() == [("old", "paused")]


def test_an_interruption_while_the_intent_was_written_keeps_the_request_back(bench: Bench) -> None:
    async def interrupt(lines: bytes) -> None:
        if b'"intent"' in lines:
            bench.stopper.stop()

    watch(bench, interrupt)
    result = bench.one(CHANGE)
    assert (result.outcome, result.error and result.error.code) == (Outcome.SKIPPED, "interrupted")
    assert bench.requests() == []
    assert bench.noted() == [("create", "intent"), ("create", "not-sent")]
    assert remember(bench.entries()).doubts == ()


# the ledger


def test_once_another_run_took_the_lease_nothing_more_is_tried(bench: Bench) -> None:
    async def taken(lines: bytes) -> None:
        if b'"intent"' in lines and b'"b"' in lines:
            raise LeaseLost("run 7 took the lease of the ledger over", hint="look at `ledger show`")

    watch(bench, taken)
    keys = ["a", "b", "c", "d"]
    changes = [change(Action.CREATE, want(key, body=key, at=SOON + timedelta(minutes=n))) for n, key in enumerate(keys)]
    results = bench.run(*changes, in_flight=1)
    assert [each.outcome for each in results] == [Outcome.DONE, Outcome.FAILED, Outcome.SKIPPED, Outcome.SKIPPED]
    lost = Failure("ledger", "run 7 took the lease of the ledger over", "look at `ledger show`", unusable=True)
    assert [each.error for each in results[1:]] == [lost, lost, lost]
    assert bench.requests() == ["POST /campaigns"]
    assert bench.noted() == [("create", "intent"), ("create", "done")], "the others were never announced"


def test_a_ledger_that_fails_is_asked_again_for_the_next_change(bench: Bench) -> None:
    """Unlike a lease that is lost, it may come back."""
    failures: list[bytes] = []

    async def full(lines: bytes) -> None:
        if b'"intent"' in lines and b'"a"' in lines:
            failures.append(lines)
            raise LedgerError("the disk is full")

    watch(bench, full)
    changes = [change(Action.CREATE, want(key, body=key)) for key in ("a", "b")]
    first, second = bench.run(*changes, in_flight=1)
    assert first.error == Failure("ledger", "the disk is full", None)
    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.DONE)
    assert len(failures) == 4, "it was tried again after a moment"
    assert bench.requests() == ["POST /campaigns"]


def test_what_was_created_and_not_written_down_is_remembered_for_the_end(bench: Bench) -> None:
    async def full(lines: bytes) -> None:
        if b'"outcome"' in lines:
            raise LedgerError("the disk is full")

    watch(bench, full)
    result = bench.one(CHANGE)
    assert result.outcome is Outcome.DONE
    assert bench.steps.unwritten == [("spring", result.campaign_id)]
    assert bench.steps.ledger_fault is not None and bench.steps.ledger_fault.message == "the disk is full"


def test_what_was_paused_and_not_written_down_needs_no_link(bench: Bench) -> None:
    async def full(lines: bytes) -> None:
        if b'"outcome"' in lines:
            raise LedgerError("the disk is full")

    current = bench.add(WANTED)
    watch(bench, full)
    assert bench.one(change(Action.STOP, WANTED, current)).outcome is Outcome.DONE
    assert bench.steps.unwritten == []


@pytest.mark.parametrize("in_flight, appends", [(1, 17), (8, 5)])
def test_changes_at_the_same_time_share_an_append(bench: Bench, in_flight: int, appends: int) -> None:
    """A store that takes seconds for each (git) is asked once for all that are in flight."""
    seen: list[bytes] = []

    async def count(lines: bytes) -> None:
        seen.append(lines)
        await bench.clock.sleep(1.0)

    watch(bench, count)
    bench.run(*(change(Action.CREATE, want(f"k{n}", body=f"b{n}")) for n in range(8)), in_flight=in_flight)
    written = [lines for lines in seen if b'"intent"' in lines or b'"outcome"' in lines]
    assert len(written) <= appends
    assert len(bench.sandbox.campaigns()) == 8

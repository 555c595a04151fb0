"""The course of an apply: what is asked and said in which order, and what becomes of it when the ledger fails on the way."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from msgflash_gitops.errors import ApiError, LedgerError, LedgerLost, StalePlanError
from msgflash_gitops.model.ledger import Intent, Linked, Observed, Operation, OutcomeSeen, Phase
from msgflash_gitops.model.memory import DELETED
from msgflash_gitops.model.outcome import Outcome
from msgflash_gitops.model.plan import Action, Consent
from msgflash_gitops.model.project import Policy
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.planning.seal import plan_digest
from msgflash_gitops.sandbox import Behaviour, Fault
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.storage.ledger.genesis import unlock
from tests.simulation.virtual import START
from tests.support.builders import PROJECT
from tests.workflows.desk import DOCUMENTED, INSTANCE_ID, LISTS, SOON, define, want
from tests.workflows.office import Ended, Office

MakeOffice = Callable[..., Office]
POST = "^/campaigns$"


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    return make_office(DOCUMENTED).named()


@dataclass
class Failing:
    """A store that fails with `error` once `when` says so of what is to be appended; `lands`: it is appended all the same."""

    store: FileStore
    when: Callable[[Sequence[str]], bool]
    error: LedgerError = field(default_factory=lambda: LedgerError("the disk is full"))
    lands: bool = False
    failing: bool = False
    kind: str = "file"
    place: str = "ledger.jsonl"

    async def read(self, after: int = 0) -> list[bytes]:
        return await self.store.read(after)

    async def append(self, head: int, lines: Sequence[bytes]) -> None:
        self.failing = self.failing or self.when([_fact(line) for line in lines])
        if not self.failing or self.lands:
            await self.store.append(head, lines)
        if self.failing:
            raise self.error

    async def close(self) -> None:
        await self.store.close()


def _fact(line: bytes) -> str:
    """A line in words: the fact's values."""
    return json.dumps(json.loads(line))


def failing(office: Office, *words: str, **how: object) -> None:
    """From the first append on that holds an entry with all of these words."""

    def when(lines: Sequence[str]) -> bool:
        return any(all(word in line for word in words) for line in lines)

    office.wrap = lambda store: Failing(store, when, **how)  # type: ignore[arg-type]


def errors(ended: Ended) -> list[str | None]:
    return [each.error.code if each.error else None for each in ended.applied.results]


# the ledger fails in the middle of a run


@pytest.mark.parametrize("behaviour", [DOCUMENTED, LISTS], ids=["documented", "list"])
def test_what_cannot_be_announced_is_not_sent(make_office: MakeOffice, behaviour: Behaviour) -> None:
    office = make_office(behaviour).named()
    failing(office, '"intent"')
    ended = office.apply(define("a"), define("b", body="b"))
    assert office.posts() == []
    assert ended.outcomes == [("a", Outcome.FAILED), ("b", Outcome.FAILED)]
    assert errors(ended) == ["ledger", "ledger"]
    assert ended.applied.problems[-1].startswith("the disk is full")
    assert (ended.applied.verified, ended.code) == (False, 5)


def test_an_announcement_that_may_have_landed_is_not_sent_either(office: Office) -> None:
    failing(office, '"intent"', error=LedgerLost("nobody knows"), lands=False)
    ended = office.apply(define("a"), define("b", body="b"))
    assert office.posts() == []
    assert errors(ended) == ["ledger", "ledger"]


def test_what_was_created_and_cannot_be_written_down_is_named_with_the_way_to_say_so(office: Office) -> None:
    failing(office, '"outcome"', '"create"')
    ended = office.apply(define("a"))
    (made,) = office.sandbox.campaigns()
    assert ended.outcomes == [("a", Outcome.DONE)]
    assert ended.applied.problems[-1] == (
        f"the disk is full; what was created is remembered once you say: `msgflash-gitops link a {made['id']}`"
    )
    assert (ended.applied.verified, ended.code) == (False, 5)


def test_what_was_not_written_down_is_in_doubt_for_the_next_run_and_not_created_again(office: Office) -> None:
    failing(office, '"outcome"', '"create"')
    office.apply(define("a"))
    office.wrap = lambda store: store
    ended = office.apply(define("a"), machine="runner", wait=120.0)
    assert [each.action for each in ended.applied.results] == [Action.BLOCKED]
    assert len(office.posts()) == 1
    (made,) = office.sandbox.campaigns()
    office.write(Linked("a", made["id"], want("a").digest))
    assert office.apply(define("a")).code == 0
    assert len(office.posts()) == 1


def test_a_ledger_that_fails_for_a_moment_is_tried_again(office: Office) -> None:
    failures: list[str] = []

    class Shaky(Failing):
        async def append(self, head: int, lines: Sequence[bytes]) -> None:
            if len(failures) < 2 and any(b'"intent"' in line for line in lines):
                failures.append("once")
                raise LedgerError("not now")
            await self.store.append(head, lines)

    office.wrap = lambda store: Shaky(store, lambda _: False)
    ended = office.apply(define())
    assert (ended.code, ended.applied.verified, len(failures)) == (0, True, 2)


def test_once_another_run_took_over_nothing_more_is_tried(office: Office) -> None:
    """The lease was freed by hand while this run went on."""

    class Stolen(Failing):
        async def append(self, head: int, lines: Sequence[bytes]) -> None:
            if any(b'"intent"' in line and b'"b"' in line for line in lines):
                lease = {"project": PROJECT, "workspace": "default", "clock": office.clock, "of": "run1"}
                await unlock(FileStore(office.ledger_path()), run_id="by-hand", **lease)  # type: ignore[arg-type]
            await self.store.append(head, lines)

    office.wrap = lambda store: Stolen(store, lambda _: False)
    names = ["a", "b", *(f"k{n}" for n in range(20))]
    later = [define(key, body=key, at=SOON + timedelta(minutes=n)) for n, key in enumerate(names)]
    ended = office.apply(*later)
    outcomes = dict(ended.outcomes)
    assert outcomes["b"] is Outcome.FAILED
    assert Outcome.SKIPPED in outcomes.values()
    assert all(each.error is None or each.error.unusable for each in ended.applied.results)
    assert "this run writes nothing more" in ended.applied.problems[-1]
    assert len(office.posts()) <= 8, "no more than were in flight"


# what is written down


def test_every_write_is_announced_before_it_leaves(office: Office) -> None:
    announced: list[int] = []

    def look(method: str, path: str) -> None:
        if (method, path) == ("POST", "/campaigns"):
            intents = [each for each in office.facts() if isinstance(each, Intent)]
            announced.append(len(intents) - len(office.posts()))

    office.after_request = look
    office.apply(*(define(f"k{n}", body=f"b{n}") for n in range(12)))
    assert len(announced) == 12
    assert min(announced) >= 0
    assert max(announced) <= 8, "no more than eight are in flight where nothing can be looked up"


def test_what_was_observed_is_written_once(office: Office) -> None:
    office.apply(define())
    assert office.facts().count(Observed(lists=False)) == 1
    before = len(office.entries())
    office.apply(define())
    assert [type(each.fact).__name__ for each in office.entries()[before:]] == ["RunBegan", "LeaseTaken", "LeaseFreed"]


def test_what_moved_is_written_down_for_whoever_plans_from_memory(office: Office) -> None:
    office.apply(define("a"), define("b", body="b"))
    a, b = office.sandbox.campaigns()
    office.sandbox.set_status(a["id"], "cancelled")
    office.sandbox.delete_campaign(b["id"])
    office.apply(define("a"), define("b", body="b"))
    assert Observed(lists=False, statuses={a["id"]: "cancelled", b["id"]: DELETED}) in office.facts()
    before = len(office.sandbox.requests)
    plan = office.planned(define("a"), define("b", body="b"), refresh=Refresh.NONE).plan
    assert [each.action for each in plan.changes] == [Action.BLOCKED, Action.BLOCKED]
    assert not [each for each in office.sandbox.requests[before:] if "/campaigns/" in each.path]


def test_what_messages_settled_is_written_down(office: Office) -> None:
    one = define(at=START + timedelta(minutes=10))
    office.sandbox.faults.add(Fault("drop-after", path=POST))
    assert office.apply(one).code == 6
    assert office.apply(one).code == 5, "its start has not come"
    office.loop.pass_time(3600)
    office.sandbox.tick()
    ended = office.apply(one)
    assert (ended.code, ended.applied.verified) == (0, True)
    (left,) = office.sandbox.campaigns()
    assert Linked("spring", left["id"], want(at=START + timedelta(minutes=10)).digest, by="messages") in office.facts()
    assert office.memory().doubts == ()
    assert office.memory().campaigns[left["id"]].status == "completed"
    assert len(office.posts()) == 1


def test_a_person_who_says_that_nothing_was_left_has_it_created(office: Office) -> None:
    office.sandbox.faults.add(Fault("drop-before", path=POST))
    assert office.apply(define()).code == 6
    assert office.apply(define()).code == 5
    office.write(Linked("spring", None))
    assert office.apply(define()).code == 0
    assert office.statuses() == ["scheduled"]


def test_a_run_that_was_interrupted_writes_down_what_was_in_flight(office: Office) -> None:
    def interrupt(method: str, path: str) -> None:
        if (method, path) == ("POST", "/campaigns"):
            office.stopper.stop()

    office.after_request = interrupt
    ended = office.apply(*(define(f"k{n}", body=f"b{n}") for n in range(12)))
    made = len(office.sandbox.campaigns())
    assert 0 < made <= 8
    assert sum(outcome is Outcome.DONE for _, outcome in ended.outcomes) == made
    assert (ended.applied.interrupted, ended.applied.verified, ended.code) == (True, False, 5)
    assert office.memory().doubts == ()
    assert len(office.memory().campaigns) == made
    phases = [each.phase for each in office.facts() if isinstance(each, OutcomeSeen)]
    assert set(phases) <= {Phase.DONE, Phase.NOT_SENT}


# a person


def test_a_person_sees_the_plan_and_is_asked(office: Office) -> None:
    office.console.answer = False
    ended = office.apply(define(), auto_approve=False)
    assert ended.deployed is not None and ended.deployed.applied is None
    assert [plan.count(Action.CREATE) for plan in office.console.shown] == [1]
    assert office.posts() == []
    office.console.answer = True
    assert office.apply(define(), auto_approve=False).code == 0
    assert [each.key for each in office.console.became] == ["spring"]


def test_where_nothing_is_to_be_done_nobody_is_asked(office: Office) -> None:
    office.apply(define())
    office.console.answer = False
    assert office.apply(define(), auto_approve=False).code == 0


def test_an_account_that_moved_while_the_person_read_is_not_written_to(office: Office) -> None:
    office.apply(define(body="old"))
    (old,) = office.sandbox.campaigns()
    office.console.thinking = lambda: office.sandbox.set_status(old["id"], "running")
    sent = office.posts()
    ended = office.apply(define(body="new"), auto_approve=False)
    assert isinstance(ended.error, StalePlanError)
    assert ended.error.message == "the account changed while the plan was shown, nothing was sent"
    assert (ended.code, office.posts()) == (4, sent)


@pytest.mark.parametrize("reviewed", [True, False])
def test_the_person_is_shown_what_is_decided_with_their_consent(office: Office, reviewed: bool) -> None:
    office.apply(define())
    office.sandbox.set_status(office.sandbox.campaigns()[0]["id"], "paused")
    consent = Consent(allow_resume=True)
    plan = office.planned(define(), consent=consent).plan
    ended = office.apply(
        define(), reviewed=plan if reviewed else None, consent=None if reviewed else consent, auto_approve=False
    )
    assert ended.code == 0
    assert [each.held for each in office.console.shown[1:]] == [0]


# a saved plan, clocks and waiting


def test_the_ledger_says_which_plan_was_applied(office: Office) -> None:
    plan = office.planned(define()).plan
    office.apply(reviewed=plan)
    assert [getattr(each, "plan", None) for each in office.facts()][1] == plan_digest(plan)


def test_an_apply_asks_again_for_what_it_touches(office: Office) -> None:
    office.apply(define(body="old"), define("other", body="x"))
    before = len(office.sandbox.requests)
    ended = office.apply(define(body="new"), define("other", body="x"), refresh=Refresh.NONE)
    assert (ended.code, ended.applied.verified) == (0, True)
    read = [each.path for each in office.sandbox.requests[before:] if each.path.startswith("/campaigns/")]
    other = office.memory()
    untouched = next(each.id for each in other.campaigns.values() if each.key == "other")
    assert read and not any(untouched in path for path in read)


def test_what_began_to_send_since_it_was_remembered_is_not_replaced_blindly(office: Office) -> None:
    office.apply(define(body="old"))
    office.sandbox.set_status(office.sandbox.campaigns()[0]["id"], "running")
    sent = office.posts()
    ended = office.apply(define(body="new"), refresh=Refresh.NONE)
    assert ended.outcomes == [("spring", Outcome.HELD)]
    assert office.posts() == sent


def test_leftovers_that_were_not_read_are_left_alone(make_office: MakeOffice) -> None:
    """A person may have brought one back since it was paused."""
    office = make_office(Behaviour(supports_cancel=False)).named()
    for body in ("1", "2"):
        office.apply(define(body=body))
    (leftover,) = [each["id"] for each in office.sandbox.campaigns() if each["status"] == "paused"]
    office.sandbox.behaviour = Behaviour(supports_cancel=True)
    office.sandbox.set_status(leftover, "scheduled")
    office.apply(define(body="2"), refresh=Refresh.NONE)
    assert office.statuses() == ["scheduled", "scheduled"], "nothing was done to what was not looked at"
    office.sandbox.set_status(leftover, "paused")
    office.apply(define(body="2"), refresh=Refresh.NONE)
    assert office.statuses() == ["paused", "scheduled"]
    office.apply(define(body="2"))
    assert office.statuses() == ["cancelled", "scheduled"]


def test_who_was_cut_off_is_given_time_to_show_where_there_is_a_list(make_office: MakeOffice) -> None:
    office = make_office(LISTS).named()
    cut_off = Intent("spring", "create", Operation.CREATE, digest=want().digest, instance_id=INSTANCE_ID, start=SOON)
    office.write(cut_off)
    began = office.loop.seconds
    assert office.apply(define()).code == 0
    assert any(line.startswith("waiting up to 1") and "was cut off" in line for line in office.console.told)
    assert office.loop.seconds - began >= 14


def test_without_a_list_nothing_would_show_and_nobody_waits(make_office: MakeOffice) -> None:
    office = make_office(DOCUMENTED).named()
    office.apply(define("first", body="first"))
    office.write(
        Intent("spring", "create", Operation.CREATE, digest=want().digest, instance_id=INSTANCE_ID, start=SOON)
    )
    began = office.loop.seconds
    ended = office.apply(define(), define("first", body="first"))
    assert [each.action for each in ended.applied.results] == [Action.BLOCKED]
    assert office.console.told == []
    assert office.loop.seconds - began < 5


@pytest.mark.parametrize("offset, warned, code", [(30, 0, 0), (90, 1, 0), (-90, 1, 0), (400, 1, 3)])
def test_a_clock_that_is_wrong_is_said_or_refused(
    make_office: MakeOffice, offset: float, warned: int, code: int
) -> None:
    office = make_office(Behaviour(date_offset=offset), policy=Policy(min_lead=timedelta(minutes=5))).named()
    ended = office.apply(define())
    assert ended.code == code
    if code:
        assert isinstance(ended.error, ApiError)
        assert "more than min_lead: nothing was sent" in ended.error.message
        assert office.posts() == []
    else:
        assert [line.startswith("warning: this machine's clock is 1 minute ") for line in office.console.told] == (
            [True] * warned
        )


def test_the_sum_of_it_apply_and_plan_again_and_expect_nothing(make_office: MakeOffice) -> None:
    """Over both worlds, with one machine after the other, sharing the ledger."""
    for behaviour in (DOCUMENTED, LISTS):
        office = make_office(behaviour, shared=True)
        office.folder = office.folder / ("list" if behaviour.lists else "documented")
        (office.folder / "shared/.msgflash").mkdir(parents=True)
        office.named()
        steps = [
            [define("a", body="1"), define("b", body="1")],
            [define("a", body="2"), define("b", body="1")],
            [define("a", body="2")],
            [define("a", body="1"), define("c", body="1")],
            [define("z", body="1", renamed_from="a"), define("c", body="1", paused=True)],
        ]
        for number, definitions in enumerate(steps):
            ended = office.apply(*definitions, machine=f"m{number % 2}")
            assert (ended.code, ended.applied.verified) == (0, True), (behaviour, number, ended)
            assert office.planned(*definitions, machine="reader").plan.pending == ()

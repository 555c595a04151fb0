"""One simulated history: what people do to the repository and in the dashboard, and what must be true after each apply."""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from msgflash_gitops.errors import ApiError, LedgerError
from msgflash_gitops.model.campaign import ACTIVE
from msgflash_gitops.model.definition import Repeat
from msgflash_gitops.model.plan import Action, Consent, Flag, Plan
from msgflash_gitops.sandbox import Behaviour, Fault
from msgflash_gitops.sandbox.seed import sample_id
from tests.simulation.invariants import identity, wrong_deliveries
from tests.simulation.ledgers import OLDER
from tests.simulation.machine import NO_CONSENT
from tests.simulation.person import settle_all, settle_one
from tests.simulation.stores import LATE, StoreFault
from tests.simulation.world import Draft, Ended, Machine, World

FULL_CONSENT = Consent(allow_running=True, allow_resume=True, max_stops=100)
STANDS = (Action.UNCHANGED, Action.FINISHED)
# What the clock may bring about between a plan and its request, without anybody's fault.
TIMELY = ("late", "begun", "sent", "moved")


class History:
    """`drafts` is the repository. `asking`: keys whose state may need a person's consent; `by_person`: those a person acted on.

    `harsh`: the account may refuse anything at any time, so that only what must never happen is checked. `runner`: where applies run.
    """

    def __init__(
        self,
        folder: Path,
        behaviour: Behaviour,
        seed: int,
        ledger: str,
        *,
        harsh: bool = False,
        ephemeral: bool = False,
    ) -> None:
        self.world = World(folder, behaviour, random.Random(seed), ledger=ledger)
        self.harsh = harsh
        self.runner = Machine(ephemeral=ephemeral)
        self.drafts: dict[str, Draft] = {}
        self.versions = 0
        self.asking: set[str] = set()
        self.by_person: set[str] = set()
        self.saved: Path | None = None
        self.strangers = [self._stranger("Hand made"), self._stranger("Theirs [other/spring@0123456789]")]

    # the repository

    def new_body(self, key: str) -> str:
        self.versions += 1
        return f"{key} version {self.versions}"

    def define(self, key: str, minutes: int, repeat: Repeat) -> None:
        at = self.world.now.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
        self.drafts[key] = Draft(key, at, self.new_body(key), repeat)
        behaviour = self.world.behaviour
        stubborn = behaviour.series_between_sends == "completed" and not behaviour.pause_completed_series
        self.harsh |= repeat is not Repeat.NONE and stubborn  # between two sends nothing can be done to it

    def change(self, key: str, draft: Draft) -> None:
        self.drafts[key] = draft

    def remove(self, key: str) -> None:
        del self.drafts[key]
        self.asking.add(key)

    def rename(self, key: str, new: str) -> None:
        self.drafts[new] = replace(self.drafts.pop(key), key=new, renamed_from=key)
        self.world.renamed[key] = new
        for group in (self.asking, self.by_person):
            if key in group:
                group.add(new)

    # the dashboard

    def person_acts(self, position: int, act: str) -> None:
        owned = [each for each in self.world.owned() if each["status"] in (*ACTIVE, "paused")]
        if not owned:
            return
        campaign = owned[position % len(owned)]
        key = identity(campaign["name"], self.world.renamed)
        assert key is not None
        if act == "resume":
            self._resume(campaign["id"], campaign["status"])
        elif act == "delete":
            self.world.sandbox.delete_campaign(campaign["id"])
        elif act == "drift":
            self.world.sandbox.set_status(campaign["id"], campaign["status"], body="changed behind your back")
        else:
            self.world.sandbox.set_status(campaign["id"], act)
        self.by_person.add(key)
        self.asking.add(key)

    def _resume(self, campaign_id: str, status: str) -> None:
        """A person's button: what goes out then is theirs to answer for."""
        if status == "paused":
            self.world.watch.by_hand.add(campaign_id)
            self.world.sandbox.resume_by_hand(campaign_id)

    def _stranger(self, name: str) -> str:
        schedule = (self.world.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        body = {"instanceId": sample_id("instance", "boutique-principale"), "name": name, "schedule": schedule}
        recipients = {"type": "tags", "value": ["client"]}
        added = self.world.sandbox.add_campaign({**body, "recipients": recipients, "type": "text", "body": "by hand"})
        return str(added["id"])

    def person_settles(self, position: int) -> None:
        if not self.harsh:
            settle_one(self.world, position)

    # applies

    def apply(
        self, machines: Sequence[Machine], *, faults: Sequence[Fault] = (), store_faults: Sequence[StoreFault] = ()
    ) -> None:
        """Cut off, faulted or raced: anything may be left open, nothing may be wrong."""
        for fault in faults:
            self.world.sandbox.faults.add(fault)
        for store_fault in store_faults:
            self.world.store_faults.add(store_fault)
        self._apply(self.drafts.values(), machines, lost=any(_loses(fault) for fault in faults) or bool(store_faults))
        self.world.sandbox.faults.clear()
        self.world.store_faults.clear()
        if any(each.kind == LATE for each in store_faults):
            self.world.pass_time(timedelta(seconds=30))  # what was given up may land after its run has ended

    def _apply(
        self, drafts: Iterable[Draft], machines: Sequence[Machine], saved: Path | None = None, *, lost: bool = False
    ) -> list[Ended]:
        before = self.world.watch.doubts()
        ended = self.world.apply(drafts, machines, saved)
        cut = any(each.blow is not None or each.kill_after is not None for each in machines)
        self.world.watch.check_doubts(before, lost=lost or cut)
        self.asking |= set(self.drafts)
        return ended

    def race_of_branches(self, key: str, machines: Sequence[Machine]) -> None:
        """Each machine has its own form of the key; the repository keeps the one that it had."""
        forms = [replace(self.drafts[key], body=self.new_body(key)) for _ in machines]
        contenders = [
            replace(machine, drafts=tuple({**self.drafts, key: form}.values()))
            for machine, form in zip(machines, forms, strict=True)
        ]
        self._apply((), contenders)
        if not self.world.ledgers.shared:
            self.by_person.add(key)  # they may cancel each other's, and only a person can say which one it should be

    def save(self) -> None:
        with self._harshness():
            self.saved = self.world.save(self.drafts.values())

    def apply_saved(self, machine: Machine) -> None:
        assert self.saved is not None
        ended = self._apply((), [machine], self.saved)[0]
        stopped = (3,) if machine.stops_for or self.harsh else ()
        assert ended.code in (None, 0, 4, 5, *stopped), ended

    def apply_with_a_wrong_ledger(self, what: str) -> None:
        """One that is empty, another one or an older copy sends nothing."""
        ledgers = self.world.ledgers
        if not ledgers.is_file or (what == OLDER and self.runner.ephemeral):
            return
        if what == OLDER:
            self.look()  # so that this machine has seen how far it goes
            if len(self.world.entries()) < 2:
                return
        sent = len(self.world.sandbox.requests)
        with ledgers.wrong(what):
            ended = self.world.apply(self.drafts.values(), [self.runner])[0]
        assert isinstance(ended.error, LedgerError), ended
        assert ended.code == 3
        assert [each for each in self.world.sandbox.requests[sent:] if each.method == "POST"] == []

    def apply_in_peace(self, consent: Consent = NO_CONSENT) -> None:
        """Without trouble: everything is done, said, and stays done."""
        drafts = list(self.drafts.values())
        before, asking = self.world.watch.doubts(), set(self.asking)
        ended = self._apply(drafts, [replace(self.runner, consent=consent)])[0]
        self.asking = asking
        if self.harsh:
            return
        again = ended.applied is not None and any(each.error for each in ended.applied.results)
        if ended.applied is not None and ended.applied.problems and self.by_person:
            again = True  # what a person resumed went on to send meanwhile
        else:
            check_peaceful(ended)
        if again:
            check_peaceful(self.world.apply(drafts, [replace(self.runner, consent=consent)])[0])  # time went on
        assert len(self.world.watch.doubts()) <= len(before)
        assert self.world.pending(drafts) == []
        plan = self.world.plan(drafts, self.runner)
        for draft in drafts:
            self._check_stands(draft, plan, consented=consent == FULL_CONSENT)

    def look(self, machine: Machine | None = None) -> None:
        with self._harshness():
            self.world.plan(self.drafts.values(), machine or self.runner)

    @contextmanager
    def _harshness(self) -> Iterator[None]:
        """A harsh account may refuse even a look at it."""
        try:
            yield
        except ApiError:
            assert self.harsh

    def _check_stands(self, draft: Draft, plan: Plan, *, consented: bool) -> None:
        """What is desired and ahead exists, once, as git says; or the plan says what keeps it from that."""
        said = [change for change in plan.changes if change.key == draft.key]
        assert said, f"the plan is silent about {draft.key}"
        if draft.paused or draft.at < self.world.now + timedelta(minutes=6):
            return
        if any(change.action in STANDS for change in said):
            live = [each for each in self.world.owned() if self._is(draft, each)]
            assert len(live) == 1 or draft.key in self.by_person, (draft, live)
            return
        if draft.key in self._in_doubt():
            assert [change.action for change in said] == [Action.BLOCKED], (draft, said)
            return
        held = all(change.held or change.action in (Action.BLOCKED, Action.LATE) for change in said)
        assert held, (draft, said)
        running = any(change.held_by is Flag.ALLOW_RUNNING for change in said)
        excused = draft.key in (self.by_person if consented else self.asking)
        assert excused or running, (draft, said)

    def _in_doubt(self) -> set[str]:
        return {self.world.renamed.get(each.key, each.key) for each in self.world.watch.doubts()}

    def _is(self, draft: Draft, campaign: dict[str, object]) -> bool:
        key = identity(str(campaign["name"]), self.world.renamed)
        return key == draft.key and campaign["status"] in ACTIVE and campaign["body"] == draft.body

    # invariants

    def check(self) -> None:
        world = self.world
        assert world.violations == [], world.violations
        wrong = wrong_deliveries(world.sandbox, world.renamed, self.world.watch.by_hand)
        assert wrong == [], wrong
        touched = {seen.path.split("/")[2] for seen in world.sandbox.requests if seen.path.count("/") == 3}
        assert not touched & set(self.strangers), "a campaign that is not ours was touched"

    def check_end(self) -> None:
        """With every consent, whatever is still ahead goes out: once, at its time, as git says."""
        if not self.harsh:
            settle_all(self.world)
        self.apply_in_peace(FULL_CONSENT)
        expected = [
            draft
            for draft in self.drafts.values()
            if not draft.paused
            and draft.repeat is Repeat.NONE
            and draft.key not in self.by_person
            and draft.at > self.world.now + timedelta(minutes=6)
        ]
        self.world.pass_time(timedelta(days=4))
        self.check()
        for draft in () if self.harsh else expected:
            sent = [each for each in self.world.sandbox.deliveries if each.content.get("body") == draft.body]
            assert [each.at for each in sent if each.at == draft.at] == [draft.at], (draft, sent)


def _loses(fault: Fault) -> bool:
    """Whether an answer to a write may be lost by it."""
    return fault.method == "POST" and fault.kind != "rate-limit"


def check_peaceful(ended: Ended) -> None:
    assert ended.error is None, ended.error
    assert ended.applied is not None
    assert ended.code in (0, 5), ended.code
    errors = [each.error for each in ended.applied.results if each.error is not None]
    assert [error for error in errors if error.code not in TIMELY] == []
    assert ended.applied.problems == () or errors, ended.applied.problems

"""Random histories."""

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from msgflash_gitops.model.definition import Repeat
from msgflash_gitops.model.plan import Consent
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.simulation.history import FULL_CONSENT, History
from tests.simulation.ledgers import FILE, OWN, SHARED, WRONG
from tests.simulation.process import APPEND, REQUEST, Blow
from tests.simulation.scale import HISTORIES
from tests.simulation.stores import STORE_FAULTS, StoreFault
from tests.simulation.world import Machine

PARTS = 4
KEYS = ("autumn", "spring", "summer")
KINDS = (
    "drop-before", "hang-before", "status", "rate-limit", "refuse",
    "drop-after", "hang-after", "status-after", "garbage", "truncated", "wrong-shape",
)  # fmt: skip
MINUTES = st.sampled_from([4, 6, 30, 120, 1500, 3000])
SPANS = st.sampled_from([1, 20, 240, 1500, 7000, 86400])

faults = st.builds(
    Fault,
    kind=st.sampled_from(KINDS),
    method=st.sampled_from(["POST", "POST", "POST", "GET"]),
    skip=st.integers(0, 3),
    times=st.integers(1, 3),
    delay=st.just(50.0),
    status=st.sampled_from([500, 502, 503]),
    retry_after=st.sampled_from([None, "1", "30"]),
)
store_faults = st.builds(
    StoreFault,
    kind=st.sampled_from(STORE_FAULTS),
    skip=st.integers(0, 8),
    times=st.sampled_from([1, 1, 3, 12]),
    seconds=st.sampled_from([4.0, 25.0]),
)
consents = st.sampled_from([Consent(), Consent(), FULL_CONSENT])
refreshes = st.sampled_from([None, None, Refresh.TOUCHED, Refresh.NONE])
blows = st.builds(
    Blow,
    where=st.sampled_from([REQUEST, APPEND]),
    number=st.integers(0, 10),
    through=st.booleans(),
    seconds=st.sampled_from([None, None, 20.0, 100.0, 200.0]),
)
dying = st.one_of(
    st.builds(Machine, blow=blows, consent=consents, refresh=refreshes),
    st.builds(Machine, kill_after=st.floats(0.0, 20.0, width=16), consent=consents, refresh=refreshes),
    st.builds(Machine, stop_after=st.floats(0.0, 20.0, width=16), consent=consents, refresh=refreshes),
)
racing = st.builds(
    Machine,
    name=st.sampled_from(["runner", "laptop", "third"]),
    delay=st.sampled_from([0.0, 0.0, 0.3, 1.0, 5.0]),
    blow=st.one_of(st.none(), st.none(), blows),
    kill_after=st.one_of(st.none(), st.none(), st.floats(0.0, 20.0, width=16)),
    stop_after=st.one_of(st.none(), st.none(), st.none(), st.floats(0.0, 20.0, width=16)),
    consent=consents,
    refresh=refreshes,
    auto_approve=st.booleans(),
    wait=st.sampled_from([3600.0, 3600.0, 0.0]),
)
settings_of_the_vendor = st.fixed_dictionaries(
    {
        "lists": st.booleans(),
        "list_envelope": st.sampled_from(["cursor", "plain", "page", "nested"]),
        "list_lag": st.sampled_from([0.0, 1.0, 5.0]),
        "plain_cap": st.sampled_from([None, 100]),
        "get_lag": st.sampled_from([0.0, 1.0, 5.0]),
        "supports_cancel": st.booleans(),
        "answers": st.sampled_from(["full", "minimal"]),
        "create_answers": st.sampled_from(["full", "minimal"]),
        "resume_before_start": st.sampled_from(["sends-at-once", "keeps-schedule"]),
        "recipients_evaluated": st.sampled_from(["at-start", "at-create"]),
        "series_between_sends": st.sampled_from(["scheduled", "completed"]),
        "pause_completed_series": st.booleans(),
        "rate_limit": st.sampled_from([10, 10, 4]),
        "retry_after": st.booleans(),
        "date_offset": st.sampled_from([0.0, 0.0, -40.0, 40.0]),
        "latency": st.sampled_from([0.0, 0.0, 2.0]),
        "seconds_per_campaign": st.sampled_from([60.0, 60.0, 1800.0]),
    }
)
harsh_settings = st.fixed_dictionaries(
    {},
    optional={
        "campaigns_on_plan": st.just(False),
        "monthly_requests": st.sampled_from([20, 80]),
        "monthly_outbound": st.sampled_from([200, 500]),
        "longest_name": st.sampled_from([20, 40]),
    },
)


class Histories(RuleBasedStateMachine):
    history: History

    @initialize(
        vendor=settings_of_the_vendor,
        harsh=st.one_of(st.just({}), st.just({}), st.just({}), harsh_settings),
        kind=st.sampled_from([FILE, SHARED, SHARED]),
        own=st.booleans(),
        ephemeral=st.booleans(),
        seed=st.integers(0, 2**16),
    )
    def begin(
        self, vendor: dict[str, Any], harsh: dict[str, Any], kind: str, own: bool, ephemeral: bool, seed: int
    ) -> None:
        self.folder = tempfile.TemporaryDirectory()
        kind = OWN if own and vendor["lists"] and not harsh else kind
        self.history = History(
            Path(self.folder.name),
            Behaviour(**vendor, **harsh),
            seed,
            kind,
            harsh=bool(harsh),
            ephemeral=ephemeral and kind == SHARED,
        )

    def teardown(self) -> None:
        if hasattr(self, "history"):
            try:
                self.history.check_end()
            finally:
                self.history.world.close()
                self.folder.cleanup()

    @property
    def keys(self) -> list[str]:
        return sorted(self.history.drafts)

    # the repository

    @rule(key=st.sampled_from(KEYS), minutes=MINUTES, repeat=st.sampled_from([Repeat.NONE, Repeat.NONE, Repeat.DAILY]))
    def define(self, key: str, minutes: int, repeat: Repeat) -> None:
        if key not in self.history.drafts and key not in self.history.world.renamed:
            self.history.define(key, minutes, repeat)

    @precondition(lambda self: self.keys)
    @rule(
        data=st.data(), what=st.sampled_from(["body", "schedule", "revision", "paused", "older body"]), minutes=MINUTES
    )
    def edit(self, data: Any, what: str, minutes: int) -> None:
        history, key = self.history, data.draw(st.sampled_from(self.keys))
        draft = history.drafts[key]
        if what == "body":
            draft = replace(draft, body=history.new_body(key))
        elif what == "older body":
            draft = replace(draft, body=f"{key} version {data.draw(st.integers(1, max(1, history.versions)))}")
        elif what == "schedule":
            at = history.world.now.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
            draft = replace(draft, at=at)
        elif what == "revision":
            draft = replace(draft, revision=draft.revision + 1)
        else:
            draft = replace(draft, paused=not draft.paused)
            history.asking.add(key)
        history.change(key, draft)

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def remove(self, data: Any) -> None:
        self.history.remove(data.draw(st.sampled_from(self.keys)))

    @precondition(lambda self: any(not draft.renamed_from for draft in self.history.drafts.values()))
    @rule(data=st.data())
    def rename(self, data: Any) -> None:
        drafts = self.history.drafts
        key = data.draw(st.sampled_from([each for each in self.keys if not drafts[each].renamed_from]))
        self.history.rename(key, f"{key}-{len(self.history.world.renamed)}")

    # the dashboard, and time

    @rule(position=st.integers(0, 3), act=st.sampled_from(["paused", "cancelled", "delete", "drift", "resume"]))
    def person_acts(self, position: int, act: str) -> None:
        self.history.person_acts(position, act)

    @rule(position=st.integers(0, 3))
    def person_settles(self, position: int) -> None:
        self.history.person_settles(position)

    @rule(seconds=SPANS)
    def time_passes(self, seconds: int) -> None:
        self.history.world.pass_time(timedelta(seconds=seconds))

    # applies

    @rule(consent=consents)
    def apply_in_peace(self, consent: Consent) -> None:
        self.history.apply_in_peace(consent)

    @rule(machine=dying)
    def apply_and_die(self, machine: Machine) -> None:
        self.history.apply([self._here(machine)])

    @rule(some=st.lists(faults, min_size=1, max_size=3), consent=consents, refresh=refreshes)
    def apply_with_faults(self, some: list[Fault], consent: Consent, refresh: Refresh | None) -> None:
        self.history.apply([self._here(Machine(consent=consent, refresh=refresh))], faults=some)

    @rule(some=st.lists(store_faults, min_size=1, max_size=2), others=st.lists(faults, max_size=1), consent=consents)
    def apply_with_a_faulty_store(self, some: list[StoreFault], others: list[Fault], consent: Consent) -> None:
        self.history.apply([self._here(Machine(consent=consent))], faults=others, store_faults=some)

    @rule(what=st.sampled_from(WRONG))
    def apply_with_a_wrong_ledger(self, what: str) -> None:
        self.history.apply_with_a_wrong_ledger(what)

    @rule(
        machines=st.lists(racing, min_size=2, max_size=3),
        some=st.lists(faults, max_size=1),
        others=st.lists(store_faults, max_size=1),
    )
    def race(self, machines: list[Machine], some: list[Fault], others: list[StoreFault]) -> None:
        if any(fault.kind.startswith("hang") for fault in some):
            # What the server carries out long after its sender died is what the promise excludes.
            machines = [replace(machine, kill_after=None, blow=None) for machine in machines]
        self.history.apply([self._here(machine) for machine in machines], faults=some, store_faults=others)

    def _here(self, machine: Machine) -> Machine:
        return replace(machine, ephemeral=self.history.runner.ephemeral)

    @rule(refresh=refreshes)
    def plan(self, refresh: Refresh | None) -> None:
        self.history.look(self._here(Machine(refresh=refresh)))

    @precondition(lambda self: self.keys)
    @rule(machines=st.lists(racing, min_size=2, max_size=3), data=st.data())
    def race_of_branches(self, machines: list[Machine], data: Any) -> None:
        """Each machine has its own form of one key."""
        key = data.draw(st.sampled_from(self.keys))
        self.history.race_of_branches(key, [self._here(machine) for machine in machines])

    @rule()
    def save_a_plan(self) -> None:
        self.history.save()

    @precondition(lambda self: self.history.saved is not None)
    @rule(machine=st.one_of(st.just(Machine()), dying))
    def apply_the_saved_plan(self, machine: Machine) -> None:
        self.history.apply_saved(self._here(machine))

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "history"):
            self.history.check()


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.timeout(0)
def test_histories(part: int) -> None:
    machine = seed(part)(type("Part", (Histories,), {}))
    chosen = settings(
        max_examples=-(-HISTORIES // PARTS),
        stateful_step_count=14,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)

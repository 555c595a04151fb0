"""Random histories. MSGFLASH_HISTORIES sets how many (docs/how-a-campaign-is-sent-once.md says how to run 100,000)."""

import os
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
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.simulation.history import FULL_CONSENT, History
from tests.simulation.world import Machine

HISTORIES = int(os.environ.get("MSGFLASH_HISTORIES", "400"))
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
consents = st.sampled_from([Consent(), Consent(), FULL_CONSENT])
dying = st.one_of(
    st.builds(Machine, kill_at=st.integers(0, 8), arrives=st.booleans(), consent=consents),
    st.builds(Machine, kill_after=st.floats(0.0, 20.0, width=16), consent=consents),
)
racing = st.builds(
    Machine,
    journal=st.sampled_from(["runner", "laptop", "third"]),
    delay=st.sampled_from([0.0, 0.0, 0.3, 1.0, 5.0]),
    kill_after=st.one_of(st.none(), st.none(), st.floats(0.0, 20.0, width=16)),
    consent=consents,
)


class Histories(RuleBasedStateMachine):
    history: History

    @initialize(
        envelope=st.sampled_from(["cursor", "plain", "page", "nested"]),
        lag=st.sampled_from([0.0, 1.0, 5.0]),
        cancels=st.booleans(),
        between=st.sampled_from(["scheduled", "completed"]),
        seed=st.integers(0, 2**16),
    )
    def begin(self, envelope: str, lag: float, cancels: bool, between: str, seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        behaviour = Behaviour(
            list_envelope=envelope, list_lag=lag, supports_cancel=cancels, series_between_sends=between
        )
        self.history = History(Path(self.folder.name), behaviour, seed)

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

    @rule(seconds=SPANS)
    def time_passes(self, seconds: int) -> None:
        self.history.world.pass_time(timedelta(seconds=seconds))

    # applies

    @rule(consent=consents)
    def apply_in_peace(self, consent: Consent) -> None:
        self.history.apply_in_peace(consent)

    @rule(machine=dying)
    def apply_and_die(self, machine: Machine) -> None:
        self.history.apply([machine])

    @rule(some=st.lists(faults, min_size=1, max_size=3), consent=consents)
    def apply_with_faults(self, some: list[Fault], consent: Consent) -> None:
        self.history.apply([Machine(consent=consent)], faults=some)

    @rule(machines=st.lists(racing, min_size=2, max_size=3), some=st.lists(faults, max_size=1))
    def race(self, machines: list[Machine], some: list[Fault]) -> None:
        if any(fault.kind.startswith("hang") for fault in some):
            # What the server carries out long after its sender died is what the promise excludes.
            machines = [replace(machine, kill_after=None) for machine in machines]
        self.history.apply(machines, faults=some)

    @precondition(lambda self: self.keys)
    @rule(machines=st.lists(racing, min_size=2, max_size=3), data=st.data())
    def race_of_branches(self, machines: list[Machine], data: Any) -> None:
        """Each machine has its own form of one key."""
        key = data.draw(st.sampled_from(self.keys))
        self.history.race_of_branches(key, machines)

    @rule()
    def save_a_plan(self) -> None:
        self.history.saved = self.history.world.save(self.history.drafts.values())

    @precondition(lambda self: self.history.saved is not None)
    @rule(machine=st.one_of(st.just(Machine()), dying))
    def apply_the_saved_plan(self, machine: Machine) -> None:
        self.history.apply_saved(machine)

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

"""Who watches: each request as it leaves, and the account after each that has arrived."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from msgflash_gitops.executor.settings import IN_FLIGHT_OVER_A_NETWORK
from msgflash_gitops.model.campaign import ACTIVE
from msgflash_gitops.model.ledger import Operation
from msgflash_gitops.model.plan import Action, Plan, World
from msgflash_gitops.planning.marker import read_marker
from msgflash_gitops.sandbox import Sandbox
from tests.simulation import invariants
from tests.simulation.invariants import Create, identity
from tests.simulation.ledgers import Ledgers
from tests.simulation.machine import Machine
from tests.simulation.process import Process
from tests.simulation.stores import StoreFaults
from tests.simulation.virtual import START

_API = "/api/v1"


class Watch:
    """`violations` is what was seen and must never be. `renamed`: keys' new names, by the old ones. `made`: every campaign that was ever
    created from here, with its key and digest. `by_hand`: campaigns that a person resumed, whatever else there was.
    """

    def __init__(self, sandbox: Sandbox, ledgers: Ledgers, store_faults: StoreFaults) -> None:
        self.violations: list[str] = []
        self.renamed: dict[str, str] = {}
        self.made: dict[str, tuple[str, str]] = {}
        self.by_hand: set[str] = set()
        self._sandbox = sandbox
        self._ledgers = ledgers
        self._store_faults = store_faults
        self._machine_of: dict[str, str] = {}
        self._allowed = 1
        self._may_double = False
        self._late = timedelta(0)
        self._min_lead = timedelta(0)
        self._checked = 0

    def begin(self, machines: Sequence[Machine], *, shared: bool, min_lead: timedelta) -> None:
        """Before machines run. Several with a memory each may create what another has; so may one that was stopped, after its lease."""
        stopped = max(each.stops_for for each in machines)
        self._may_double = self._sandbox.behaviour.lists and (stopped > 0 or (not shared and len(machines) > 1))
        most = max(invariants.most_active(self._sandbox, self.renamed, self.by_hand), 1)
        self._allowed = max(most, len(machines)) + bool(stopped) if self._may_double else most
        self._late = timedelta(seconds=max(abs(each.ahead) for each in machines) + stopped)
        self._min_lead = min_lead

    def ran(self, run: str, machine: str) -> None:
        self._machine_of[run] = machine

    def doubts(self, machine: str = "runner") -> list[Create]:
        """Creates that nobody knows the outcome of, in an account without a list."""
        if self._sandbox.behaviour.lists:
            return []
        return invariants.doubts(self._ledgers.entries(machine))

    def sends(self, process: Process, method: str, path: str, body: bytes) -> None:
        """Right before a request leaves: what writes must be in the ledger. Where none is named, a list serves without one."""
        path = path.removeprefix(_API)
        if method != "POST" or not path.startswith("/campaigns"):
            return
        if not self._ledgers.shared and self._store_faults.shown:
            return
        if not self._ledgers.is_right:
            self.violations.append(f"{process.run_id} sent {method} {path} with a wrong ledger")
            return
        entries = self._ledgers.entries(self._machine_of[process.run_id])
        digest = None
        if path == "/campaigns":
            operation, campaign = Operation.CREATE, None
            marker = read_marker(json.loads(body)["name"])[1]
            digest = marker.digest if marker else None
        else:
            campaign = path.split("/")[2]
            operation = Operation(path.split("/")[3])
        if not invariants.is_announced(entries, process.run_id, operation, campaign, digest):
            self.violations.append(f"{process.run_id} sent {method} {path} that is not in the ledger")

    def served(self) -> None:
        """After each request: could anything be sent twice from here, was anything created twice or too late?"""
        campaigns = {each["id"]: each for each in self._sandbox.store.all("campaign")}
        for each in campaigns.values():
            if each["id"] not in self.made:
                self._made(each, campaigns)
        if invariants.most_active(self._sandbox, self.renamed, self.by_hand) > self._allowed:
            self.violations.append(f"more than {self._allowed} of one key can send, at {self._sandbox.now()}")
        for seen in self._sandbox.requests[self._checked :]:
            arrived = START + timedelta(seconds=seen.at)
            if (seen.method, seen.path) == ("POST", "/campaigns"):
                self.violations += invariants.too_close(seen.body, arrived, self._min_lead, self._late)
        self._checked = len(self._sandbox.requests)

    def _made(self, new: dict[str, Any], campaigns: dict[str, dict[str, Any]]) -> None:
        key, marker = identity(new["name"], self.renamed), read_marker(new["name"])[1]
        if key is None or marker is None:
            return
        same = [each for each, form in self.made.items() if self._now(form) == (key, marker.digest)]
        self.made[new["id"]] = (key, marker.digest)
        if self._may_double:
            return
        for each in same:
            status = campaigns[each]["status"] if each in campaigns else "deleted"
            if status in ACTIVE or status == "completed":
                self.violations.append(f"{new['name']} was created beside {each}, which is {status}")
            elif not self._sandbox.behaviour.lists and not self._is_known(each, key):
                self.violations.append(f"{new['name']} was created again, and nobody had said what became of {each}")

    def _now(self, form: tuple[str, str]) -> tuple[str, str]:
        return self.renamed.get(form[0], form[0]), form[1]

    def _is_known(self, campaign: str, key: str) -> bool:
        names = {key, *(old for old, new in self.renamed.items() if new == key)}
        return invariants.is_known(self._ledgers.entries("runner"), campaign, names)

    # after an apply, and of each plan

    def check_doubts(self, before: Iterable[Create], *, lost: bool) -> None:
        """What came into doubt: nothing where no answer, append or process was lost; never more of a run than it had in flight."""
        new = [each for each in self.doubts() if each not in set(before)]
        if new and not lost:
            self.violations.append(f"in doubt, and nothing was lost: {new}")
        of_run = Counter(each.run for each in new)
        if any(count > IN_FLIGHT_OVER_A_NETWORK for count in of_run.values()):
            self.violations.append(f"more in doubt than was in flight: {of_run}")

    def check_named(self, plan: Plan) -> None:
        """Each key in doubt is blocked, unless its start has passed and its messages may have told."""
        if plan.world is World.LIST:
            return
        actions: dict[str, set[Action]] = defaultdict(set)
        for change in plan.changes:
            actions[change.key].add(change.action)
        renamed = {each.renamed_from: each.key for each in plan.desired}
        for doubt in self.doubts():
            key = renamed.get(doubt.key, doubt.key)
            told = doubt.start is not None and doubt.start <= plan.made_at
            if actions[key] != {Action.BLOCKED} and not told:
                self.violations.append(f"{doubt.key} is in doubt, and the plan does not block it: {actions[key]}")

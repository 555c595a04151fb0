"""Plans made and checked again, against the sandbox behind the real client, in time that passes at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.plan import AccountRef, Consent, Plan
from msgflash_gitops.model.project import Project
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.planning.marker import Marker, mark
from msgflash_gitops.ports import CampaignApi
from msgflash_gitops.sandbox import Behaviour, Sandbox
from msgflash_gitops.workflows.contacts import Scanning
from msgflash_gitops.workflows.definitions import Valid
from msgflash_gitops.workflows.plan import Planned, Scope, make_plan
from msgflash_gitops.workflows.saved import recheck_plan
from tests.simulation.virtual import START, VirtualClock, VirtualLoop
from tests.support import builders

SOON = START + timedelta(hours=2)
URL = "http://127.0.0.1"
NO_CONSENT = Consent()
SCOPE = Scope(Project("/", builders.PROJECT), "default", AccountRef(URL))
T = TypeVar("T")


def define(key: str = "spring", **changes: Any) -> Definition:
    return builders.definition(key, **{"at": SOON, "instance": "boutique-principale", **changes})


class Desk:
    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.sandbox = Sandbox(now=self.loop.now, monotonic=self.loop.time, behaviour=Behaviour())

    def close(self) -> None:
        self.loop.finish()
        self.sandbox.close()

    def do(self, work: Callable[[CampaignApi], Awaitable[T]]) -> T:
        async def all_of_it() -> T:
            credentials = Credentials(URL, Secret(self.sandbox.api_key))
            async with open_client(credentials, self.clock, asgi_app=self.sandbox.app) as api:
                return await work(api)

        return self.loop.run_until_complete(all_of_it())

    def plan(
        self,
        *definitions: Definition,
        scope: Scope = SCOPE,
        consent: Consent = NO_CONSENT,
        scanning: Scanning | None = None,
        findings: Sequence[Finding] = (),
    ) -> Planned:
        valid = Valid(definitions, tuple(findings))
        return self.do(lambda api: make_plan(api, self.clock, scope, valid, consent, scanning))

    def recheck(
        self, plan: Plan, scope: Scope = SCOPE, consent: Consent = NO_CONSENT, scanning: Scanning | None = None
    ) -> Planned:
        return self.do(lambda api: recheck_plan(api, self.clock, scope, plan, consent, scanning))

    def add(self, *definitions: Definition, status: str = "scheduled", **fields: Any) -> list[str]:
        """The ids of campaigns that an earlier run made."""
        made = []
        for one in self.plan(*definitions).plan.desired:
            name = mark(one.name, Marker(builders.PROJECT, one.key, one.digest))
            made.append(str(self.sandbox.add_campaign({**one.body, "name": name}, status, **fields)["id"]))
        return made

    def paths(self) -> list[str]:
        return [seen.path for seen in self.sandbox.requests]


def scope_with(**changes: Any) -> Scope:
    return replace(SCOPE, **changes)

"""Plans made and checked again, against the sandbox behind the real client, in time that passes at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.memory import Memory, Remembered
from msgflash_gitops.model.plan import AccountRef, Consent, Desired, Plan
from msgflash_gitops.model.project import Project
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.planning.marker import Marker, mark
from msgflash_gitops.ports import CampaignApi
from msgflash_gitops.sandbox import Behaviour, Sandbox
from msgflash_gitops.sandbox.seed import sample_id
from msgflash_gitops.workflows.contacts import Scanning
from msgflash_gitops.workflows.definitions import Valid
from msgflash_gitops.workflows.plan import Planned, Scope, make_plan
from msgflash_gitops.workflows.saved import recheck_plan
from tests.simulation.virtual import START, VirtualClock, VirtualLoop
from tests.support import bench, builders

SOON = START + timedelta(hours=2)
URL = "http://127.0.0.1"
NO_CONSENT = Consent()
SCOPE = Scope(Project("/", builders.PROJECT), "default", AccountRef(URL))
LISTS = Behaviour(lists=True)
DOCUMENTED = Behaviour()
INSTANCE_ID = sample_id("instance", "boutique-principale")
T = TypeVar("T")


def define(key: str = "spring", **changes: Any) -> Definition:
    return builders.definition(key, **{"at": SOON, "instance": "boutique-principale", **changes})


def want(key: str = "spring", **changes: Any) -> Desired:
    """The same, resolved as a plan resolves it."""
    return bench.want(key, **{"at": SOON, **changes})


def remember(campaign_id: str, key: str = "spring", **changes: Any) -> Remembered:
    """Made by an earlier run, in another form than the definition's; last seen when that run ended."""
    values: dict[str, Any] = {
        "digest": "0123456789",
        "status": "scheduled",
        "seen_at": START - timedelta(hours=1),
        "instance_id": INSTANCE_ID,
        "start": SOON,
        "repeat": "none",
    }
    return Remembered(campaign_id, key, **{**values, **changes})


def memory_of(*campaigns: Remembered, **changes: Any) -> Memory:
    return Memory({each.id: each for each in campaigns}, **changes)


class Desk:
    """`after_request` is called with method and path after each request that the server has seen."""

    def __init__(self, behaviour: Behaviour = LISTS) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.sandbox = Sandbox(now=self.loop.now, monotonic=self.loop.time, behaviour=behaviour)
        self.after_request: Callable[[str, str], None] = lambda *_: None

    def close(self) -> None:
        self.loop.finish()
        self.sandbox.close()

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.sandbox.app(scope, receive, send)
        finally:
            self.after_request(scope["method"], scope["path"].removeprefix("/api/v1"))

    def do(self, work: Callable[[CampaignApi], Awaitable[T]]) -> T:
        async def all_of_it() -> T:
            credentials = Credentials(URL, Secret(self.sandbox.api_key))
            async with open_client(credentials, self.clock, asgi_app=self.app) as api:
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
        return [self.put(one, status, **fields).id for one in self.plan(*definitions).plan.desired]

    def put(self, one: Desired, status: str = "scheduled", *, name: str | None = None, **fields: Any) -> Remembered:
        """A campaign that an earlier run made, as the ledger remembers it: `scheduled`, whatever it is now."""
        called = name or mark(one.name, Marker(builders.PROJECT, one.key, one.digest))
        made = self.sandbox.add_campaign({**one.body, "name": called}, status, **fields)
        return remember(str(made["id"]), one.key, digest=one.digest, start=one.anchor, repeat=str(one.fields["repeat"]))

    def paths(self) -> list[str]:
        return [seen.path for seen in self.sandbox.requests]

    def asked(self, *campaigns: Remembered | str) -> list[str]:
        """What was asked for by its id, in order of the names here; a campaign's name is its key."""
        names = {
            each if isinstance(each, str) else each.id: each if isinstance(each, str) else each.key
            for each in campaigns
        }
        ids = [path.removeprefix("/campaigns/") for path in self.paths() if path.startswith("/campaigns/")]
        return sorted(names.get(each, each) for each in ids)


def scope_with(**changes: Any) -> Scope:
    return replace(SCOPE, **changes)

"""The executor on a table: the sandbox behind the real client, a real ledger, and time that passes only when everybody waits."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from msgflash_gitops.errors import LedgerError
from msgflash_gitops.executor.run import run
from msgflash_gitops.executor.settings import Settings, Stopper
from msgflash_gitops.executor.steps import Steps
from msgflash_gitops.model.account import Instance
from msgflash_gitops.model.ledger import Entry, Intent, OutcomeSeen, RunBegan
from msgflash_gitops.model.outcome import Result
from msgflash_gitops.model.plan import Action, Change, Current, Desired
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.planning.marker import Marker, mark
from msgflash_gitops.planning.resolve import Account, resolve
from msgflash_gitops.ports import LedgerStore
from msgflash_gitops.sandbox import Behaviour, Sandbox
from msgflash_gitops.sandbox.seed import sample_id
from msgflash_gitops.storage.ledger.book import Book, open_book
from msgflash_gitops.storage.ledger.chain import Chain, read_lines
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.storage.ledger.genesis import init_ledger
from tests.simulation.virtual import START, VirtualClock, VirtualLoop
from tests.support.builders import PROJECT, definition

INSTANCE = Instance(sample_id("instance", "boutique-principale"), "boutique-principale", "+33639980001", "connected")
SOON = START + timedelta(hours=2)
LEDGER = "0f8fad5b-d9cb-469f-a165-70867728950e"
T = TypeVar("T")


def want(key: str = "spring", *, at: datetime = SOON, body: str = "Hello", **changes: Any) -> Desired:
    one = definition(key, at=at, body=body, instance=INSTANCE.name, **changes)
    found = resolve([one], Account((INSTANCE,)), project=PROJECT, timezone=None)
    assert not found.findings
    return found.desired[0]


def change(action: Action, desired: Desired, current: Current | None = None, **more: Any) -> Change:
    """As a plan would say it; `start` where it creates."""
    made = Change(desired.key, desired.name, action, "", desired=desired, current=current, **more)
    return replace(made, start=more.get("start", desired.anchor)) if made.creates else made


class Bench:
    """`wrap`: what the ledger's file is put into. `before_request` and `after_request` are called with method and path around each request that the server sees."""

    def __init__(self, folder: Path, behaviour: Behaviour | None = None, settings: Settings | None = None) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.sandbox = Sandbox(
            now=self.loop.now, monotonic=self.loop.time, behaviour=behaviour or Behaviour(lists=True)
        )
        self.settings = settings or Settings()
        self.stopper = Stopper()
        self.before_write: Callable[[], None] = self.stopper.check
        self.ledger_path = folder / "ledger.jsonl"
        self.progress: list[Result] = []
        self.known: set[str] = set()
        self._running = self._broken = False
        self.wrap: Callable[[FileStore], LedgerStore] = lambda store: store
        self.before_request: Callable[[str, str], None] = lambda *_: None
        self.after_request: Callable[[str, str], None] = lambda *_: None

    def close(self) -> None:
        self.loop.finish()
        self.sandbox.close()

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"].removeprefix("/api/v1")
        self.before_request(scope["method"], path)
        try:
            await self.sandbox.app(scope, receive, send)
        finally:
            self.after_request(scope["method"], path)

    def do(self, work: Callable[[Steps], Awaitable[T]]) -> T:
        """Runs `work` with the steps of one run."""

        async def all_of_it() -> T:
            credentials = Credentials("http://127.0.0.1", Secret(self.sandbox.api_key))
            async with open_client(credentials, self.clock, asgi_app=self._app, before_write=self.before_write) as api:
                self.book = await self._open_book()
                self._running = True
                if self._broken:
                    self.break_ledger()
                lists = self.sandbox.behaviour.lists
                self.steps = Steps(api, self.clock, self.settings, self.book, self.stopper, self.known, lists=lists)
                result = await work(self.steps)
                with contextlib.suppress(LedgerError):
                    await self.book.free()
                return result

        return self.loop.run_until_complete(all_of_it())

    def run(self, *changes: Change, in_flight: int = 32) -> list[Result]:
        return self.do(lambda steps: run(steps, changes, in_flight, self.progress.append))

    def one(self, single: Change) -> Result:
        results = self.run(single)
        assert self.progress[-1:] == results
        return results[0]

    def add(self, desired: Desired, status: str = "scheduled", **fields: Any) -> Current:
        """A campaign made from `desired` by an earlier run."""
        name = mark(desired.name, Marker(PROJECT, desired.key, desired.digest))
        item = self.sandbox.add_campaign({**desired.body, "name": name}, status, **fields)
        self.known.add(item["id"])
        return Current(item["id"], name, status, schedule=item["schedule"], digest=desired.digest)

    def statuses(self) -> list[tuple[str, str]]:
        """Body and status of everything in the account."""
        return [(each["body"], each["status"]) for each in self.sandbox.campaigns()]

    def status(self, current: Current) -> str:
        return next(str(each["status"]) for each in self.sandbox.campaigns() if each["id"] == current.id)

    def requests(self, ids: Sequence[str] = ()) -> list[str]:
        """What the server saw, e.g. `POST /campaigns`; an id as its place in `ids`."""
        lines = [f"{seen.method} {seen.path}" for seen in self.sandbox.requests]
        for place, each in enumerate(ids):
            lines = [line.replace(each, str(place)) for line in lines]
        return lines

    def times(self, line: str) -> list[float]:
        return [round(seen.at, 3) for seen in self.sandbox.requests if line in f"{seen.method} {seen.path}"]

    def noted(self) -> list[tuple[str, str]]:
        """Operation and phase of each write in the ledger."""
        return [
            (fact.operation.value, "intent" if isinstance(fact, Intent) else fact.phase.value)
            for fact in self.written()
        ]

    def written(self) -> list[Intent | OutcomeSeen]:
        return [each.fact for each in self.entries() if isinstance(each.fact, Intent | OutcomeSeen)]

    def entries(self) -> list[Entry]:
        if not self.ledger_path.is_file():
            return []
        return read_lines(Chain(PROJECT, "default"), self.ledger_path.read_bytes().splitlines())[0]

    def break_ledger(self) -> None:
        """A folder stands where the ledger should be: nothing can be written any more; before a run: once it began."""
        if not self._running:
            self._broken = True
            return
        self.ledger_path.unlink(missing_ok=True)
        self.ledger_path.mkdir()

    async def _open_book(self) -> Book:
        store = self.wrap(FileStore(self.ledger_path))
        if not self.entries():
            await init_ledger(store, project=PROJECT, workspace="default", clock=self.clock, run_id="0", new_id=LEDGER)
        run = str(len(self.entries()))
        book = await open_book(
            store, project=PROJECT, workspace="default", clock=self.clock, run_id=run, expected_id=LEDGER
        )
        await book.take_lease(RunBegan("apply"), ttl=60, wait=120, tell=lambda _: None)
        return book

"""Makes docs/outputs.md: what the commands print for campaigns.example, on a machine whose clock stands still.

MSGFLASH_UPDATE_DOCS=1 python -m pytest tests/docs_outputs
"""

import asyncio
import random
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from msgflash_gitops.cli.pages import plan_comment, plan_page
from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.ledger import RunBegan
from msgflash_gitops.model.plan import AccountRef, Consent
from msgflash_gitops.model.project import Project
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.planning.memory import remember
from msgflash_gitops.ports import CampaignApi
from msgflash_gitops.reports.plan_text import plan_text
from msgflash_gitops.reports.style import Style
from msgflash_gitops.sandbox import Sandbox
from msgflash_gitops.storage.ledger.book import Book
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.workflows.apply import Run, apply_plan
from msgflash_gitops.workflows.definitions import load_valid
from msgflash_gitops.workflows.memory import LEASE, open_local
from msgflash_gitops.workflows.plan import Planned, Scope, make_plan
from tests.architecture.sources import ROOT
from tests.support.project import Repository

PAGE = ROOT / "docs" / "outputs.md"
EXAMPLE = ROOT / "campaigns.example"
NOW = datetime(2030, 12, 2, 9, tzinfo=UTC)
COMMIT = "0f3c9a1b7d5e2468ace013579bdf02468ace1357"
EARLIER = "name: Winter sale\ninstance: boutique-principale\nschedule: 2030-12-20T10:00:00\nrecipients: {type: group, group: Newsletter}\ntype: text\nbody: Last days of the *winter sale*!\n"
NEW = ("opening-poll", "sao-paulo-launch", "spring-promo")


@dataclass
class StillClock:
    """Implements `ports.Clock`. The time of day stands still; waiting is over at once."""

    waited: float = 0.0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return self.waited

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds
        await asyncio.sleep(0)


@contextmanager
def same_ids() -> Iterator[None]:
    """The sandbox draws random ids; here the same ones each time."""
    dice = random.Random(7)
    with patch("uuid.uuid4", lambda: uuid.UUID(int=dice.getrandbits(128), version=4)):
        yield


def planned(folder: Path) -> tuple[Planned, int]:
    """An earlier form of the example was applied, a person deleted a campaign in the dashboard, and now the example is planned.

    With how many requests that last step took.
    """
    root = folder / "campaigns.example"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".msgflash"))
    clock = StillClock()
    sandbox = Sandbox(now=lambda: NOW - timedelta(days=1), monotonic=clock.monotonic)
    try:
        with same_ids():
            return asyncio.run(_planned(root, sandbox, clock))
    finally:
        sandbox.close()


async def _planned(root: Path, sandbox: Sandbox, clock: StillClock) -> tuple[Planned, int]:
    project = load_project(root)
    campaigns = root / "campaigns"
    today = {path.name: path.read_text(encoding="utf-8") for path in campaigns.glob("*.yaml")}
    store = FileStore(root.parent / "ledger.jsonl", place="ledger.jsonl")
    credentials = Credentials("http://127.0.0.1", Secret(sandbox.api_key))
    async with open_client(credentials, clock, asgi_app=sandbox.app) as api:
        book = await open_local(store, project, "default", clock, "11111111", begin=True)
        assert book is not None
        _earlier(campaigns, today)
        await book.take_lease(RunBegan("apply", "ana", "laptop"), ttl=LEASE, wait=0, tell=print)
        first = await _plan(api, clock, project, book)
        for change in first.plan.changes:  # one by one: each gets the same id each time
            alone = replace(first, plan=replace(first.plan, changes=(change,)))
            await apply_plan(alone, _scope(project, book), Run(api, clock, book))
        await book.free()
        live = (await _plan(api, clock, project, book)).live
        sandbox.delete_campaign(next(each.id for each in live if each.name.startswith("Friday digest")))
        (campaigns / "winter-sale.yaml").unlink()
        for name, text in today.items():
            (campaigns / name).write_text(text, encoding="utf-8")
        before = api.requests
        now = await _plan(api, clock, project, book)
        await book.close()
        return now, api.requests - before


async def _plan(api: CampaignApi, clock: StillClock, project: Project, book: Book) -> Planned:
    valid = load_valid(project, "default", allow_empty=False)
    return await make_plan(api, clock, _scope(project, book), valid, Consent())


def _scope(project: Project, book: Book) -> Scope:
    return Scope(project, "default", AccountRef("sandbox"), remember(book.entries), book.ref, commit=COMMIT)


def _earlier(campaigns: Path, today: dict[str, str]) -> None:
    newsletter = today["april-newsletter.yaml"].replace("20 %", "15 %").replace("2031-04-15T09", "2031-04-16T09")
    (campaigns / "april-newsletter.yaml").write_text(newsletter, encoding="utf-8")
    (campaigns / "winter-sale.yaml").write_text(EARLIER, encoding="utf-8")
    for key in NEW:
        (campaigns / f"{key}.yaml").unlink()


def broken(folder: Path) -> str:
    """What `validate` prints of two slips of the pen."""
    root = folder / "broken"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".msgflash"))
    path = root / "campaigns" / "april-newsletter.yaml"
    text = path.read_text(encoding="utf-8").replace("recipients:", "recipient:").replace("2031-04-15", "2031-03-30")
    path.write_text(text.replace("T09:00:00 ", "T02:30:00 "), encoding="utf-8")
    return said(root, "validate", code=1)


def said(root: Path, *arguments: str, code: int = 0) -> str:
    done = Repository(root, {}).run(*arguments)
    assert done.code == code, done
    return done.out


def written(folder: Path) -> str:
    """The whole page."""
    plan, requests = planned(folder)
    markdown = plan_comment(plan, requests, None)
    example = folder / "campaigns.example"
    parts = [
        _HEAD,
        _block("validate", "msgflash-gitops validate", said(example, "validate")),
        "The same with two slips of the pen in `april-newsletter.yaml`: `recipient` for `recipients`, and a time that the clocks skip.\n",
        _block("", "msgflash-gitops validate", broken(folder)),
        _block(
            "preview",
            "msgflash-gitops preview april-newsletter opening-poll spring-promo",
            said(example, "preview", "april-newsletter", "opening-poll", "spring-promo"),
        ),
        _PLAN,
        _block("plan", "msgflash-gitops plan", plan_text(plan.plan, Style(), requests=requests)),
        _block("plan --format markdown", "msgflash-gitops plan --format markdown", markdown, "markdown"),
        _PAGE,
    ]
    assert len(plan_page(plan, requests)) > 10_000
    return "\n".join(parts)


def _block(title: str, command: str, output: str, language: str = "console") -> str:
    heading = f"## {title}\n\n" if title else ""
    if language == "console":
        return f"{heading}```console\n$ {command}\n{output.rstrip()}\n```\n"
    return f"{heading}```console\n$ {command}\n```\n\n```{language}\n{output.rstrip()}\n```\n"


_HEAD = """# Outputs

What the commands print for [campaigns.example](../campaigns.example/README.md). This page is made by running them, and a test compares
it with what they print now; `MSGFLASH_UPDATE_DOCS=1` makes it anew.
"""
_PLAN = """The plans below are made on Monday 2 December 2030 at 9 AM UTC. The day before, an earlier form of the example was applied: the
newsletter had 15 % and went out a day later, three campaigns were not there yet, and a winter sale was. Since then somebody deleted a
campaign in the dashboard. The account is behind MsgFlash's API as documented: it has no list of campaigns, and the ledger says what to ask for.
"""
_PAGE = """## plan --html

`plan --html plan.html` writes the same as one page without scripts: a timeline with what the account sends already, the messages as
bubbles with the changed words marked, and every change with its fields. It can be kept as an artefact of the build; opened, it asks
nothing of the network.
"""

"""A repository of campaigns with a bare remote, its ledger on a branch there, and a checkout as runners make it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from msgflash_gitops.model.ledger import Entry, Intent, OutcomeSeen
from msgflash_gitops.msgflash import SystemClock
from msgflash_gitops.planning.lease import holder
from msgflash_gitops.storage.ledger.chain import Chain, read_lines
from msgflash_gitops.storage.ledger.genesis import init_ledger
from msgflash_gitops.storage.ledger.git import GitStore
from tests.ci.git import commit, git
from tests.support.project import PROJECT_FILE, campaign

LEDGER = "0f8fad5b-d9cb-469f-a165-70867728950e"
BRANCH = "msgflash-ledger"
NAMED = f"ledger: {{store: git, id: {LEDGER}}}\n"


@dataclass(frozen=True)
class Remote:
    """`bare` is what a hosting service has; `person` the clone of somebody who may push to it."""

    bare: Path
    person: Path

    @classmethod
    def make(cls, folder: Path) -> "Remote":
        """With one campaign on `main`, and a ledger that is begun."""
        made = cls(folder / "origin.git", folder / "person")
        git(folder, "init", "-q", "--bare", "-b", "main", str(made.bare))
        git(made.bare, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(made.bare, "config", "http.receivepack", "true")
        git(folder, "clone", "-q", made.bare.as_uri(), str(made.person))
        git(made.person, "checkout", "-q", "-b", "main")
        (made.person / "campaigns").mkdir()
        (made.person / "msgflash.yaml").write_text(PROJECT_FILE + NAMED)
        (made.person / "campaigns/spring.yaml").write_text(campaign())
        commit(made.person, "first")
        git(made.person, "push", "-q", "origin", "main")
        made.begin()
        return made

    def begin(self, workspace: str = "default") -> None:
        store = self._store(workspace)
        asyncio.run(
            init_ledger(store, project="crm", workspace=workspace, clock=SystemClock(), run_id="0", new_id=LEDGER)
        )

    def checkout(self, folder: Path, *options: str) -> Path:
        """Shallow and detached, of one commit."""
        git(folder.parent, "clone", "-q", "--depth", "1", *options, self.bare.as_uri(), str(folder))
        git(folder, "checkout", "-q", "--detach")
        return folder

    def entries(self, workspace: str = "default") -> list[Entry]:
        """What the branch holds now; checked."""
        lines = asyncio.run(self._store(workspace).read())
        return read_lines(Chain("crm", workspace), lines)[0]

    def is_free(self) -> bool:
        return holder(self.entries()) is None

    def noted(self) -> list[str]:
        """How the last write of each key ended; `intent` where that is not written."""
        found: dict[str, str] = {}
        for entry in self.entries():
            if isinstance(entry.fact, Intent):
                found[entry.fact.key] = "intent"
            elif isinstance(entry.fact, OutcomeSeen):
                found[entry.fact.key] = entry.fact.phase.value
        return list(found.values())

    def _store(self, workspace: str) -> GitStore:
        return GitStore(self.person, project="crm", workspace=workspace, remote="origin", branch=BRANCH)


def over_http(checkout: Path, url: str, authorization: str) -> None:
    """As actions/checkout leaves it: the token as a header in the configuration of the clone."""
    git(checkout, "remote", "set-url", "origin", url)
    git(checkout, "config", f"http.{url.rpartition('/')[0]}/.extraheader", f"AUTHORIZATION: {authorization}")

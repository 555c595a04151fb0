"""What the core needs from the world: the campaigns API and a clock. Implemented at the edges, passed in.

Errors are those of `msgflash_gitops.errors`: a definite refusal is `Refused` (or its kin), an outcome that cannot be known
is `Ambiguous`. Implementations never repeat a create, pause, resume or cancel on ambiguity; reads may be repeated freely.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.ledger import Entry, Fact, LedgerRef
from msgflash_gitops.model.message import CampaignStats, MessageRef
from msgflash_gitops.model.outcome import Result
from msgflash_gitops.model.plan import Plan


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, in UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Let others work for that long."""


class CampaignApi(Protocol):
    @property
    def requests(self) -> int:
        """How many requests were sent so far, retries included: the monthly quota counts them all."""

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which the local clock is ahead of the server's Date header; None while unknown."""

    async def lists_campaigns(self) -> bool:
        """Whether there is a list of campaigns (404 or 405: no). Found out once, by one small request, and remembered.

        Any other failure is an error and never "no list".
        """

    async def list_campaigns(self) -> list[LiveCampaign]:
        """Every campaign of the account, all pages, each id once.

        Raises NoSuchList where `lists_campaigns` is false, without a request once that is known.
        """

    async def get_campaign(self, campaign_id: str) -> LiveCampaign:
        """Raises NotFound where the account has none with that id, BadAnswer where another one is shown."""

    async def get_stats(self, campaign_id: str) -> CampaignStats: ...

    async def list_messages(self, instance_id: str, most_pages: int) -> list[MessageRef]:
        """Messages of an instance, newest first, of at most so many pages (requests). Not the whole list."""

    async def create_campaign(
        self, body: JsonObject, *, before: Callable[[], None] | None = None, until: datetime | None = None
    ) -> LiveCampaign:
        """`before` is called right before each attempt leaves, after every wait, and may raise to keep it back.

        `until` is the last instant (UTC) at which an attempt may leave: a wait that would go beyond it ends at once.
        Raises TooLate then: nothing was sent.

        An answer with `id` and `status` alone, here and below, is completed by a read. Where that fails the write has
        succeeded all the same: the campaign is `partial`.
        """

    async def pause_campaign(self, campaign_id: str) -> LiveCampaign: ...

    async def resume_campaign(self, campaign_id: str) -> LiveCampaign: ...

    async def cancel_campaign(self, campaign_id: str) -> bool:
        """True when cancelled; False where the vendor has no such call, found out once and remembered."""

    async def list_instances(self) -> list[Instance]:
        """Without deleted ones."""

    async def list_templates(self) -> list[Template]: ...

    async def list_groups(self) -> list[Group]: ...

    async def count_contacts(self) -> int | None:
        """How many contacts the account has, by one request; None where the answer does not say."""

    async def list_contact_tags(self) -> list[frozenset[str]]:
        """The tags of every contact, all pages, each contact once. Nothing else of a contact is kept."""


class LedgerStore(Protocol):
    """Where the lines of one project's and workspace's ledger lie. It knows nothing of what they say.

    Lines are numbered from 1 and never change. The one thing asked of a store is that of two appends onto the same head
    exactly one lands, whatever the machines, and that a line that landed is durable.
    """

    @property
    def kind(self) -> str:
        """`file`, `git`, `postgresql`, `s3`, `gs` or `az`."""

    @property
    def place(self) -> str:
        """Where it is, for people; without anything secret."""

    async def read(self, after: int = 0) -> list[bytes]:
        """The lines numbered above `after`, in order, without line ends. Empty where there are none.

        Raises LedgerError where the store cannot be read.
        """

    async def append(self, head: int, lines: Sequence[bytes]) -> None:
        """Puts the lines behind the line numbered `head` (0: the ledger is empty), all or none of them.

        Raises HeadMoved where the store's last line is another one, LedgerLost where it cannot be told whether they landed,
        LedgerError where they did not.
        """

    async def close(self) -> None: ...


class Ledger(Protocol):
    """The project's memory, as one run sees it. Implementations verify the chain when they read, and fail closed."""

    @property
    def ref(self) -> LedgerRef:
        """Which ledger this is, and its head as this run knows it."""

    @property
    def entries(self) -> Sequence[Entry]:
        """Everything read and written so far, in order."""

    async def append(self, *facts: Fact) -> None:
        """Durable when this returns. Facts of several callers at the same time share one write to the store.

        Raises LeaseLost where another run has taken over (nothing was written), LedgerError where the store failed.
        """

    def check_lease(self) -> None:
        """Called right before a create leaves. Raises LeaseLost where another run may have taken over by now."""


class Console(Protocol):
    """The person at the terminal, or the log of a pipeline."""

    def tell(self, text: str) -> None:
        """A remark, beside the result."""

    def show(self, plan: Plan) -> None:
        """What is about to be applied."""

    async def ask(self, plan: Plan) -> bool:
        """Whether the plan that was shown may be applied. Others go on working while the person reads."""

    def progress(self, result: Result) -> None:
        """What became of one change."""

"""The project file, read: scope of ownership, workspaces, policy, what the user has confirmed with the vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from msgflash_gitops.model.ledger import LedgerSettings
from msgflash_gitops.model.refresh import Refresh

DEFAULT_BASE_URL = "https://srv.msgflash.com"


@dataclass(frozen=True, slots=True)
class Workspace:
    """One MsgFlash account or team. The fields name environment variables; no secret is ever stored here."""

    name: str
    api_key_env: str = "MSGFLASH_API_KEY"
    team_id_env: str | None = None
    base_url: str = DEFAULT_BASE_URL
    base_url_env: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The guards that always act."""

    min_lead: timedelta = timedelta(minutes=5)
    late_window: timedelta = timedelta(hours=24)
    max_stops: int = 5


@dataclass(frozen=True, slots=True)
class VendorFacts:
    """What the user has confirmed with the vendor, beyond the documentation.

    `list_gone`: MsgFlash took the account's list of campaigns away, and what only it showed is linked.
    `settle`: how long (seconds) a campaign created a moment ago may take to show in the list.
    """

    resume_keeps_schedule: bool = False
    settle: timedelta = timedelta(seconds=15)
    list_gone: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """`root` is the absolute folder of msgflash.yaml; `campaigns` is relative to it. `formerly`: earlier names of the project."""

    root: str
    name: str
    campaigns: str = "campaigns"
    timezone: str | None = None
    workspaces: Mapping[str, Workspace] = field(default_factory=dict)
    policy: Policy = Policy()
    vendor: VendorFacts = VendorFacts()
    formerly: tuple[str, ...] = ()
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    refresh: Refresh = Refresh.ALL

    @property
    def ledger_name(self) -> str:
        """The name under which the ledger lies: the project's, or the one that it had when the ledger was made."""
        return self.ledger.name or self.name

    @property
    def names(self) -> frozenset[str]:
        """Every name that a marker of this project may bear."""
        return frozenset((self.name, *self.formerly))

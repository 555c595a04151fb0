"""Who put a send there: what git, the ledger and the API know of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Form(StrEnum):
    """How what is live and its definition now go together.

    `current`: the marker has the definition's digest; or there is no marker, and nothing visible differs. `other`: the marker
    has another digest. `unmarked`: no marker, and the two differ. `unknown`: the definition has errors, so that it has no digest.
    """

    CURRENT = "current"
    OTHER = "other"
    UNMARKED = "unmarked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: of a document the one that last touched it; `date` is the author's."""

    id: str
    author: str
    email: str
    date: datetime


@dataclass(frozen=True, slots=True)
class Blame:
    """What git knows of documents, by path and line of their beginning. `dirty`: not committed as they are now.

    `note` says why nothing (or not all) is known: no checkout, a shallow clone.
    """

    commits: Mapping[tuple[str, int], Commit] = field(default_factory=dict)
    dirty: frozenset[tuple[str, int]] = frozenset()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerNote:
    """The ledger's entry about a campaign's creation (or the last one that names it)."""

    run: str | None
    at: str | None
    operation: str
    commit: str | None = None

    @property
    def created_from(self) -> str | None:
        """The commit that was checked out at the creation, with `+dirty` where files differed from it."""
        return self.commit if self.operation == "create" else None


@dataclass(frozen=True, slots=True)
class Applied:
    """The commit that was checked out when a campaign was created. `known` is None where this clone does not have it.

    `dirty`: files of the project differed from it.
    """

    commit: str
    known: Commit | None = None
    dirty: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who put a send there: what git and the ledger know of a managed one, what the API tells of any.

    `commit` last touched the definition; it is None where what is live is of another form than the definition now: its author
    is not the author of what is live. Then `applied` says where that came from, and `changed_by` who changed the definition
    after its creation, each as far as known. `changed_since` is None where there is nothing to compare.
    """

    commit: Commit | None = None
    applied: Applied | None = None
    changed_since: bool | None = None
    changed_by: Commit | None = None
    dirty: bool = False
    ledger: LedgerNote | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    user_id: str | None = None

"""What changed between two sets of definitions, campaign by campaign.

A campaign is told by its key, wherever its file lies. What is not valid on one side is not taken for absent there.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from msgflash_gitops.model.definition import Definition
from msgflash_gitops.model.finding import Finding, Severity, has_errors
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.plan import FieldChange
from msgflash_gitops.model.project import Project
from msgflash_gitops.planning.meaning import NOT_SENT, differences, identity
from msgflash_gitops.planning.settings import ProjectChange, project_changes


class Kind(StrEnum):
    """In the order in which a summary counts them. `incomparable`: one of the two sides is not valid."""

    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    REMOVED = "removed"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True)
class Edition:
    """The definitions as they were, or are: the valid ones, and what is wrong with the others. `project` None: not readable."""

    definitions: tuple[Definition, ...] = ()
    findings: tuple[Finding, ...] = ()
    project: Project | None = None


@dataclass(frozen=True, slots=True)
class Revised:
    """One campaign that is not what it was.

    `previous_key`: the key before a rename. `lookalike`: of an added campaign, the key of a removed one that means the same or
    bears the same name; without `renamed_from`, apply stops that one and creates this one. `reason`: why the two sides cannot be compared.
    """

    key: str
    kind: Kind
    before: Definition | None = None
    after: Definition | None = None
    differences: tuple[FieldChange, ...] = ()
    previous_key: str | None = None
    lookalike: str | None = None
    reason: str = ""

    @property
    def moved_by(self) -> timedelta | None:
        """By how much its (first) send moves; None where it stays, or where there are not two of them."""
        if self.before is None or self.after is None:
            return None
        return (self.after.schedule.instant - self.before.schedule.instant) or None

    @property
    def resends(self) -> bool:
        """Whether people get something else, or at another time: the digest is another one, and apply replaces the campaign."""
        return any(each.field.partition(".")[0] not in NOT_SENT for each in self.differences)


@dataclass(frozen=True, slots=True)
class Revision:
    """Everything that is not what it was. `unchanged` counts the campaigns that are."""

    campaigns: tuple[Revised, ...] = ()
    project: tuple[ProjectChange, ...] = ()
    unchanged: int = 0

    def count(self, kind: Kind) -> int:
        return sum(each.kind is kind for each in self.campaigns)

    @property
    def moved(self) -> int:
        return sum(each.moved_by is not None for each in self.campaigns)

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.project)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of `diff`. `base` is the revision's id, `how` says why it is that one; `base_has_project`: there was a project file.

    `commit`: what is checked out now. `timezone`: for people's eyes, where a schedule was written with an offset. `problems` are those of
    the definitions now, without warnings that are as old as the base; `base_problems` those that kept some of the base from being read.
    """

    project: str
    base: str
    how: str
    base_has_project: bool
    commit: str | None
    made_at: datetime
    timezone: str
    revision: Revision
    problems: tuple[Finding, ...] = ()
    base_problems: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        return not has_errors(self.problems)


def compare(before: Edition, after: Edition) -> Revision:
    """Campaigns are told by their keys, wherever their files lie."""
    old, new = _by_key(before.definitions), _by_key(after.definitions)
    renames = _renames(old, new)
    pairs = {key: old[key] for key in new if key in old} | {key: old[name] for key, name in renames.items()}
    revised = [_pair(earlier, new[key]) for key, earlier in pairs.items()]
    added = [new[key] for key in new if key not in pairs]
    removed = [old[key] for key in old if key not in new and key not in renames.values()]
    campaigns = [*(each for each in revised if each is not None), *_alone(added, removed, before, after)]
    campaigns += _hidden(before, after, {*old, *new})
    return Revision(
        tuple(sorted(campaigns, key=_place)), tuple(project_changes(before.project, after.project)), revised.count(None)
    )


def _place(one: Revised) -> tuple[int, str, str]:
    """Soonest send first, as in a plan."""
    definition = one.after or one.before
    return (0, format_instant(definition.schedule.instant), one.key) if definition else (1, "", one.key)


def _by_key(definitions: Iterable[Definition]) -> dict[str, Definition]:
    """Of several with one key the first, as the finding about them says."""
    found: dict[str, Definition] = {}
    for each in definitions:
        found.setdefault(each.key, each)
    return found


def _renames(old: Mapping[str, Definition], new: Mapping[str, Definition]) -> dict[str, str]:
    """New key to old key; of several that claim one old key, the first."""
    claimed: dict[str, str] = {}
    for key, one in new.items():
        name = one.renamed_from
        if name is not None and key not in old and name in old and name not in new:
            claimed.setdefault(name, key)
    return {key: name for name, key in claimed.items()}


def _pair(before: Definition, after: Definition) -> Revised | None:
    """None where nothing changed."""
    renamed = before.key != after.key
    found = tuple(each for each in differences(before, after) if not (renamed and each.field == "renamed_from"))
    if renamed:
        return Revised(after.key, Kind.RENAMED, before, after, found, previous_key=before.key)
    return Revised(after.key, Kind.CHANGED, before, after, found) if found else None


def _alone(added: list[Definition], removed: list[Definition], before: Edition, after: Edition) -> Iterator[Revised]:
    """What is on one side only. Where the other side is not valid, it is not known whether it is there."""
    missing_before, missing_after = _Faulty(before), _Faulty(after)
    alike = _lookalikes(
        [one for one in added if one not in missing_before], [one for one in removed if one not in missing_after]
    )
    for one in added:
        if one in missing_before:
            yield Revised(one.key, Kind.INCOMPARABLE, after=one, reason="the earlier definition is not valid")
        else:
            yield Revised(one.key, Kind.ADDED, after=one, lookalike=alike.get(one.key))
    for one in removed:
        if one in missing_after:
            yield Revised(one.key, Kind.INCOMPARABLE, before=one, reason="its definition is not valid now")
        else:
            yield Revised(one.key, Kind.REMOVED, before=one)


def _lookalikes(added: list[Definition], removed: list[Definition]) -> dict[str, str]:
    """Added key to removed key, each at most once: a file that was renamed changes the key that it names."""
    found: dict[str, str] = {}
    for likeness in (identity, _name):
        left = {likeness(one): one.key for one in reversed(removed) if one.key not in found.values()}
        for one in added:
            if one.key not in found and likeness(one) in left:
                found[one.key] = left.pop(likeness(one))
    return found


def _name(one: Definition) -> Hashable:
    return (one.name.strip().casefold(), one.instance.casefold())


def _hidden(before: Edition, after: Edition, known: set[str]) -> Iterator[Revised]:
    """Keys that only faulty definitions bear."""
    old, new = _Faulty(before).keys - known, _Faulty(after).keys - known
    for key in sorted(new):
        yield Revised(key, Kind.INCOMPARABLE, reason="its definition is not valid now")
    for key in sorted(old - new):
        yield Revised(key, Kind.INCOMPARABLE, reason="the earlier definition is not valid")


class _Faulty:
    """What a side may have besides its valid definitions: keys with errors, and files in which a document has an error and no key."""

    def __init__(self, side: Edition) -> None:
        errors = [each for each in side.findings if each.severity is Severity.ERROR]
        self.keys = {each.key for each in errors if each.key is not None}
        self._paths = {each.path for each in errors if each.key is None}

    def __contains__(self, other: Definition) -> bool:
        """Whether it may have this definition of the other side."""
        return other.key in self.keys or other.source.path in self._paths

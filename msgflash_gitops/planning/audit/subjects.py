"""What git says of each campaign of the account, and of each definition that has none: read off the plan's own decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from msgflash_gitops.model.audit import Origin, State, Subject
from msgflash_gitops.model.campaign import ACTIVE, ENDED, KNOWN_STATUSES, LiveCampaign
from msgflash_gitops.model.instant import parse_instant
from msgflash_gitops.model.memory import DELETED, Doubt
from msgflash_gitops.model.plan import Action, Change, Desired
from msgflash_gitops.model.provenance import Form
from msgflash_gitops.model.source import Position
from msgflash_gitops.planning.assemble import Decisions
from msgflash_gitops.planning.audit.shown import Labels
from msgflash_gitops.planning.facts import is_same
from msgflash_gitops.planning.marker import Marker, read_marker
from msgflash_gitops.planning.match import Candidate, Matches

# Beyond, arithmetic with dates ends; no campaign is there on purpose.
_YEARS = range(1970, 9000)
_NOT_BEFORE_SETTLED = "a create under its key is in doubt, and nothing is changed before that is settled"
_NOTHING_TO_DO = (Action.UNCHANGED, Action.FINISHED, Action.PAST)


@dataclass(frozen=True, slots=True)
class Compared:
    """What the planning code found. `faulty`: keys of definitions with errors, and where they stand. `doubts`: creates in doubt by key."""

    project: str
    desired: Sequence[Desired]
    live: Sequence[LiveCampaign]
    matches: Matches
    decisions: Decisions
    faulty: Mapping[str, Position] = field(default_factory=dict)
    doubts: Mapping[str, Doubt] = field(default_factory=dict)


def make_subjects(compared: Compared, labels: Labels) -> tuple[list[Subject], list[LiveCampaign]]:
    """All subjects, and the campaigns that no time can be told of."""
    maker = _Maker(compared, labels)
    subjects = [subject for each in compared.live if (subject := maker.of_live(each)) is not None]
    for change in compared.decisions.changes:
        doubt = compared.doubts.get(change.key)
        if doubt is not None:
            subjects += [subject] if (subject := maker.in_doubt(change, doubt)) is not None else []
        elif _is_absent(change):
            subjects.append(maker.absent(change))
    return subjects, maker.untimed


def untimed_notices(untimed: Sequence[LiveCampaign]) -> list[str]:
    """A campaign that was deleted sends nothing: when it would have started is no news."""
    return [
        f"campaign {each.id} ({each.status}) shows no time at which it starts: {each.name!r}"
        for each in untimed
        if each.status != DELETED
    ]


def _is_absent(change: Change) -> bool:
    """A definition that no campaign stands for. Of what is paused in git and passed, nothing was to be sent."""
    if change.current is not None or change.desired is None:
        return False
    return change.action is not Action.PAST or not (change.desired.paused or change.desired.repeats)


class _Maker:
    def __init__(self, compared: Compared, labels: Labels) -> None:
        self._compared = compared
        self._labels = labels
        self.untimed: list[LiveCampaign] = []
        self._changes: dict[str, Change] = {}
        for change in compared.decisions.changes:
            if change.current is not None:
                self._changes.setdefault(change.current.id, change)
        by_key = {one.key: one for one in compared.desired}
        self._owners: dict[str, tuple[Desired, Candidate]] = {
            candidate.live.id: (by_key[key], candidate)
            for key, candidates in compared.matches.by_key.items()
            for candidate in candidates
        }
        self._orphans = {
            candidate.live.id: key for key, candidates in compared.matches.orphans.items() for candidate in candidates
        }
        self._superseded = {each.id for each in compared.decisions.superseded}

    def of_live(self, live: LiveCampaign) -> Subject | None:
        first = _schedule(live)
        if first is None and live.status == DELETED and live.id in self._owners:
            first = self._owners[live.id][0].anchor
        if first is None:
            self.untimed.append(live)
            return None
        name, marker = read_marker(live.name)
        if live.id in self._owners:
            return self._owned(live, first, name, *self._owners[live.id])
        if live.id in self._orphans:
            return self._orphaned(live, first, name, self._orphans[live.id])
        return self._unmanaged(live, first, name, marker)

    def _owned(self, live: LiveCampaign, first: datetime, name: str, one: Desired, candidate: Candidate) -> Subject:
        change = self._changes.get(live.id)
        same = is_same(one, candidate) and not candidate.differences
        blocked = one.key in self._compared.doubts and live.status in ACTIVE and not same
        state = State.DRIFTED if blocked else _state(change)
        reason = _NOT_BEFORE_SETTLED if blocked else change.reason if change is not None else ""
        shows_recipients = not same or "recipients" in live.fields
        return Subject(
            name=one.name if live.seen_at is not None or live.status == DELETED else name,
            state=state,
            origin=Origin.GIT,
            first=first,
            repeat=str(live.fields.get("repeat", "none")),
            recipients=self._labels.recipients(live) if shows_recipients else one.recipients,
            content=one.content if same else self._labels.content(live),
            campaign=live,
            key=one.key,
            instance=self._labels.instance(live),
            source=one.source,
            reason=reason if state is not State.IN_SYNC else "",
            differences=change.differences if change is not None else (),
            notes=self._notes(live, change, same=same),
            series_timezone=one.series_timezone,
            until=one.until,
            ends=_ends(live),
            superseded=live.id in self._superseded,
            form=_form(one, candidate),
        )

    def _notes(self, live: LiveCampaign, change: Change | None, *, same: bool) -> tuple[str, ...]:
        notes = list(change.warnings) if change is not None and change.action in _NOTHING_TO_DO else []
        if live.id in self._superseded:
            notes.append("an earlier replace paused it, and nothing resumes it")
        elif change is None and not same:
            notes.append("an earlier form of the definition")
        return tuple(notes)

    def _orphaned(self, live: LiveCampaign, first: datetime, name: str, key: str) -> Subject:
        change, faulty = self._changes.get(live.id), self._compared.faulty.get(key)
        stopped = live.status in ENDED | {"paused"}
        notes: tuple[str, ...] = ()
        if faulty is not None:
            state, reason = State.DRIFTED, "its definition has errors, so that the two cannot be compared"
        elif stopped and change is None:
            state, reason, notes = State.IN_SYNC, "", (f"no longer in git, and {live.status}",)
        else:
            state, reason = (
                State.ORPHANED,
                change.reason if change is not None else "its definition is no longer in git",
            )
        subject = self._live(live, first, name, state)
        form = Form.UNKNOWN if faulty is not None else None
        return replace(subject, key=key, source=faulty, reason=reason, notes=notes, form=form)

    def _unmanaged(self, live: LiveCampaign, first: datetime, name: str, marker: Marker | None) -> Subject:
        subject = self._live(live, first, name, State.UNMANAGED)
        if live.status == DELETED:
            reason = "it sent messages and was deleted since; neither git nor the ledger knows of it"
            return replace(subject, origin=Origin.DASHBOARD, reason=reason)
        if marker is None:
            return replace(subject, origin=Origin.DASHBOARD, reason="made in the dashboard, git does not know of it")
        return replace(subject, foreign=marker.project, reason=f"it bears the marker of another project: {marker}")

    def _live(self, live: LiveCampaign, first: datetime, name: str, state: State) -> Subject:
        return Subject(
            name=name,
            state=state,
            origin=Origin.GIT,
            first=first,
            repeat=str(live.fields.get("repeat", "none")),
            recipients=self._labels.recipients(live),
            content=self._labels.content(live),
            campaign=live,
            instance=self._labels.instance(live),
            ends=_ends(live),
        )

    def absent(self, change: Change) -> Subject:
        one = change.desired
        assert one is not None
        return Subject(
            name=one.name,
            state=State.LATE if change.action is Action.LATE else State.MISSING,
            origin=Origin.GIT,
            first=change.start or one.anchor,
            repeat=str(one.fields["repeat"]),
            recipients=one.recipients,
            content=one.content,
            key=one.key,
            instance=one.instance,
            source=one.source,
            reason=change.reason or "nothing in the account stands for it yet: apply creates it",
            notes=("`paused: true`: it would be created paused",) if one.paused else (),
            series_timezone=one.series_timezone,
            until=one.until,
        )

    def in_doubt(self, change: Change, doubt: Doubt) -> Subject | None:
        """What may be there: the form that was sent, which the definition tells of only where it is the same now."""
        one = change.desired
        first = doubt.start or (one.anchor if one is not None else None)
        if first is None:
            return None
        same = one is not None and one.digest == doubt.digest
        instance = self._labels.instance_of(doubt.instance_id) if doubt.instance_id else None
        subject = Subject(
            name=change.name,
            state=State.IN_DOUBT,
            origin=Origin.GIT,
            first=first,
            repeat=doubt.repeat or "none",
            recipients=one.recipients if one is not None and same else {"type": "unknown"},
            content=one.content if one is not None and same else {},
            key=change.key,
            instance=instance or (one.instance if one is not None else None),
            source=one.source if one is not None else None,
            reason=change.reason,
        )
        if one is None:
            faulty = self._compared.faulty.get(change.key)
            note = "no longer in git" if faulty is None else "its definition has errors"
            return replace(subject, source=faulty, notes=(note,))
        edited = () if same else ("its definition was edited since, and is not applied before this is settled",)
        return replace(subject, notes=edited, series_timezone=one.series_timezone, until=one.until)


def _form(one: Desired, candidate: Candidate) -> Form:
    if is_same(one, candidate):
        return Form.CURRENT
    return Form.OTHER if candidate.digest is not None else Form.UNMARKED


def _state(change: Change | None) -> State:
    if change is None or change.action in _NOTHING_TO_DO:
        return State.IN_SYNC
    if change.action is Action.LATE:
        return State.LATE
    if change.action is Action.STOP:
        return State.DUPLICATE if change.duplicate else State.ORPHANED
    return State.DRIFTED


def _schedule(live: LiveCampaign) -> datetime | None:
    shown = live.fields.get("schedule")
    try:
        at = parse_instant(shown) if isinstance(shown, str) else None
    except (ValueError, OverflowError):
        return None
    return at if at is not None and at.year in _YEARS else None


def _ends(live: LiveCampaign) -> datetime | None:
    """When a campaign that is no longer active stopped, as far as the answer tells."""
    if live.status in ACTIVE or live.status not in KNOWN_STATUSES:
        return None
    return live.cancelled_at or live.completed_at or live.updated_at

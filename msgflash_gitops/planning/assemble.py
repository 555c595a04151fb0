"""From desired and live campaigns to the list of changes, in the order that everything else keeps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from msgflash_gitops.model.campaign import KNOWN_STATUSES, VENDOR_PAUSED, LiveCampaign
from msgflash_gitops.model.memory import Doubt
from msgflash_gitops.model.plan import SENDING, Action, Change, Current, Desired
from msgflash_gitops.planning.decide import Context, decide
from msgflash_gitops.planning.facts import can_send, current_of, superseded
from msgflash_gitops.planning.marker import read_marker
from msgflash_gitops.planning.match import Candidate, Matches, match
from msgflash_gitops.planning.reasons import in_doubt

_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Decisions:
    """`unmanaged`: live campaigns that nothing in git speaks of."""

    changes: tuple[Change, ...]
    superseded: tuple[Current, ...]
    notices: tuple[str, ...]
    unmanaged: tuple[LiveCampaign, ...]


def decide_all(desired: Sequence[Desired], live: Sequence[LiveCampaign], project: str, context: Context) -> Decisions:
    """Every change that brings the account to what git says."""
    matches = match(desired, live, project, context.formerly, context.memory.campaigns)
    doubts = doubts_by_key(desired, context)
    forms = {doubt.digest: doubt for doubt in doubts.values()}
    changes: list[Change] = []
    leftovers: list[Current] = []
    for one in desired:
        candidates = matches.by_key.get(one.key, [])
        doubt = doubts.pop(one.key, None)
        if doubt is not None:
            changes.append(_in_doubt(doubt, one, project))
            continue
        doubt = forms.get(one.digest)  # of another key: the definition was moved or copied while nobody knew
        for change in _for_key(one, candidates, matches, context):
            changes.append(_in_doubt(doubt, one, project) if doubt and change.creates else change)
        leftovers += superseded(one, candidates, context.now)
    known = {one.key for one in desired}
    notices = [f"{key}: {problem}" for key, problem in matches.problems.items() if key not in known]
    for key, candidates in matches.orphans.items():
        changes += _for_orphans(key, candidates, notices, context)
    changes += [_in_doubt(doubt, None, project) for doubt in doubts.values()]
    retired = {each.id for change in changes for each in change.retire}
    return Decisions(
        tuple(sorted(changes, key=change_order)),
        tuple(sorted((each for each in leftovers if each.id not in retired), key=lambda each: each.id)),
        tuple(sorted(notices)),
        tuple(matches.unmanaged),
    )


def change_order(change: Change) -> tuple[datetime, str, str, str]:
    """Soonest send first, then by key; the same for a reader and for apply."""
    return (_when(change), change.key, change.action.value, change.current.id if change.current else "")


def valid_until(changes: Sequence[Change], context: Context) -> datetime | None:
    """The earliest moment at which one of the sends would come closer than `min_lead`; None where nothing is to be sent."""
    starts = [change.start for change in changes if change.action in SENDING and change.start is not None]
    return min(starts) - context.policy.min_lead if starts else None


def doubts_by_key(desired: Sequence[Desired], context: Context) -> dict[str, Doubt]:
    """The last create in doubt of each key, under the name that git has for it now. A list settles them, so there are none with one."""
    if context.lists:
        return {}
    renamed = {one.renamed_from: one.key for one in desired if one.renamed_from}
    return {renamed.get(doubt.key, doubt.key): doubt for doubt in context.memory.doubts}


def _in_doubt(doubt: Doubt, one: Desired | None, project: str) -> Change:
    """Nothing is done for the key: whatever is done could be the second time."""
    name = one.name if one else doubt.key
    reason = in_doubt(doubt, f"{one.name if one else '…'} [{project}/{doubt.key}@{doubt.digest}]")
    return Change(one.key if one else doubt.key, name, Action.BLOCKED, reason, desired=one)


def _for_key(one: Desired, candidates: list[Candidate], matches: Matches, context: Context) -> list[Change]:
    problem = matches.problems.get(one.key)
    if problem is not None:
        current = current_of(candidates[0], context.now) if candidates else None
        return [Change(one.key, one.name, Action.BLOCKED, problem, desired=one, current=current)]
    changes = decide(one, candidates, context)
    extra = (*one.warnings, *matches.remarks.get(one.key, ()))
    if not extra:
        return changes
    return [replace(change, warnings=(*change.warnings, *extra)) for change in changes]


def _for_orphans(key: str, candidates: list[Candidate], notices: list[str], context: Context) -> list[Change]:
    """Campaigns of this project whose key git no longer has."""
    changes = []
    for candidate in candidates:
        name = read_marker(candidate.live.name)[0]
        current = current_of(candidate, context.now)
        if can_send(candidate.live):
            changes.append(Change(key, name, Action.STOP, "its definition is no longer in git", current=current))
        elif candidate.status in VENDOR_PAUSED:
            reason = f"no longer in git, and MsgFlash paused it ({candidate.status}): cancel it in the dashboard"
            changes.append(Change(key, name, Action.BLOCKED, reason, current=current))
        elif candidate.status not in KNOWN_STATUSES:
            notices.append(
                f"{key}: no longer in git; status {candidate.status!r} is not known, nothing is done ({current.id})"
            )
    return changes


def _when(change: Change) -> datetime:
    if change.start is not None:
        return change.start
    if change.desired is not None and not change.desired.repeats:
        return change.desired.anchor
    if change.current is not None and change.current.schedule is not None:
        return change.current.start or _FAR
    return change.desired.anchor if change.desired is not None else _FAR

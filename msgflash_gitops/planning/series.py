"""When a campaign can still start: once, or as a series at its next occurrence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgflash_gitops.model.definition import Repeat, Schedule
from msgflash_gitops.model.plan import Desired
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.localtime import next_occurrence, occurrences, same_series

_NAMED_MISSED = 5
_LOOK_BACK = timedelta(days=36)


@dataclass(frozen=True, slots=True)
class Start:
    """`at`: the instant to ask for, None when there is none left. `missed`: the latest occurrences that passed (at most 5)."""

    at: datetime | None
    missed: tuple[datetime, ...] = ()


def find_start(desired: Desired, now: datetime, policy: Policy) -> Start:
    """The schedule of a campaign that is created now: never closer than `min_lead`, never past `until`."""
    earliest = now + policy.min_lead
    if not desired.repeats:
        return Start(desired.anchor if desired.anchor >= earliest else None)
    if desired.anchor >= earliest:
        at = desired.anchor
    else:
        at = next_occurrence(_schedule(desired), _repeat(desired), earliest)
    if desired.until is not None and at >= desired.until:
        return Start(None)
    missed = occurrences(_schedule(desired), _repeat(desired), max(desired.anchor, now - _LOOK_BACK), at)
    return Start(at, tuple(missed)[-_NAMED_MISSED:])


def is_occurrence(instant: datetime, desired: Desired) -> bool:
    """Whether a schedule that the account shows belongs to the same series."""
    return same_series(instant, _schedule(desired), _repeat(desired))


def _schedule(desired: Desired) -> Schedule:
    return Schedule(desired.anchor, desired.series_timezone)


def _repeat(desired: Desired) -> Repeat:
    return Repeat(str(desired.fields["repeat"]))

"""Guards over a whole plan: what is held until a person consents. Each names its number and the flag that lifts it."""

from collections.abc import Sequence
from dataclasses import replace

from msgflash_gitops.model.plan import Action, Change, Consent, Flag
from msgflash_gitops.model.project import Policy


def guard(changes: Sequence[Change], consent: Consent, policy: Policy) -> tuple[Change, ...]:
    """The changes, each held or not. A stop of a duplicate is never held: it prevents a second send."""
    allowed = policy.max_stops if consent.max_stops is None else consent.max_stops
    stops = [change for change in changes if change.action is Action.STOP and not change.duplicate]
    too_many = len(stops) > allowed
    return tuple(_guarded(change, consent, len(stops) if too_many else 0, allowed) for change in changes)


def _guarded(change: Change, consent: Consent, stops: int, allowed: int) -> Change:
    if change.action is Action.STOP and not change.duplicate:
        if not stops:
            return change
        reason = f"{change.reason}; {stops} stops in one plan, more than {allowed}: --max-stops {stops} allows them"
        return replace(change, held=True, held_by=Flag.MAX_STOPS, reason=reason)
    lifted = (change.held_by is Flag.ALLOW_RUNNING and consent.allow_running) or (
        change.held_by is Flag.ALLOW_RESUME and consent.allow_resume
    )
    return replace(change, held=change.held_by is not None and not lifted)

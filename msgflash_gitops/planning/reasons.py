"""The sentences of the decision table: why, for the reader, and the ways on."""

from datetime import datetime

from msgflash_gitops.model.memory import DELETED, Doubt
from msgflash_gitops.model.plan import Desired
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.match import Candidate
from msgflash_gitops.planning.words import duration_words, moment_words


def why_replace(desired: Desired, candidate: Candidate) -> str:
    if candidate.digest is None:
        return "made outside git, and differs"
    if candidate.digest == desired.digest:
        return "drifted: changed in the account since it was applied"
    if not candidate.differences:
        return "edited in git, in fields that the API does not show"
    return "edited in git"


def edit_too_late(desired: Desired, kept: Candidate, policy: Policy) -> str:
    if desired.repeats:
        return "no occurrence is left before `until`; what is live stays as it is"
    state = (
        "is being sent" if kept.status == "running" else f"stays as it is, scheduled {kept.live.fields.get('schedule')}"
    )
    return (
        f"the edit comes too late: its schedule ({moment_words(desired.anchor, desired.timezone)}) has passed or is closer than "
        f"{duration_words(policy.min_lead)}. The live campaign {state}: set a new schedule or pause it"
    )


def late(desired: Desired, now: datetime, policy: Policy) -> str:
    lead = desired.anchor - now
    when = f"starts in {duration_words(lead)}" if lead.total_seconds() > 0 else f"was due {duration_words(-lead)} ago"
    minimum = duration_words(policy.min_lead)
    return f"{when}, nothing is sent closer than {minimum} ahead: set a new schedule, or remove the definition"


def unreadable(candidate: Candidate) -> str:
    shown = candidate.live.fields.get("schedule")
    return f"its schedule in the account, {shown!r}, cannot be read: stop it in the dashboard, or correct it there"


def ended(status: str) -> str:
    if status == "cancelled":
        return "it was cancelled (in the dashboard, or when the definition was removed earlier): raise `revision` to send it again"
    if status == DELETED:
        return (
            "the account does not have it any more: it was deleted in the dashboard. See there that it is gone, then raise `revision` to send it "
            "again, or remove the definition"
        )
    return f"MsgFlash says {status}: raise `revision` to send it again"


def in_doubt(doubt: Doubt, name: str) -> str:
    """`name`: what the campaign would be called in the dashboard."""
    return (
        f"the answer to its create was lost on {moment_words(doubt.at, 'UTC')}, so nobody knows whether it exists, and it is "
        f"not created again: {ways_out_of_doubt(doubt.key, name)}"
    )


def ways_out_of_doubt(key: str, name: str) -> str:
    return (
        f"look in the dashboard for a campaign named {name!r}: if it is there, `msgflash-gitops link {key} ID`; "
        f"if not, `msgflash-gitops link {key} --none`"
    )

"""What is told of who holds the lease: who, since when, where, and what to do."""

from datetime import datetime

from msgflash_gitops.errors import LedgerError
from msgflash_gitops.planning.lease import Holder


def waiting(held: Holder, quiet_for: float, left: float) -> str:
    """`quiet_for`: seconds of silence after which it may be taken over; `left`: seconds that we still wait."""
    text = f"waiting for {described(held)}; for {_span(left)} at most"
    if quiet_for <= left:
        return f"{text}. If it shows no sign of life for {_span(quiet_for)}, its lease is taken over"
    return f"{text}. Its lease could be taken over after {_span(quiet_for)} without a sign of life"


def still_held(held: Holder, waited: float, now: datetime) -> LedgerError:
    age = _span(max(0.0, (now - held.since).total_seconds()))
    waiting_for = f"; waited {_span(waited)}" if waited >= 1 else ""
    return LedgerError(
        f"another run is at work: {described(held)} ({age}){waiting_for}",
        hint=f"wait longer with --lease-wait; a lease without a sign of life for {_span(held.seconds)} is taken over by who waits that long. "
        f"If you know that the run is dead: `msgflash-gitops ledger unlock {held.run}`",
    )


def described(held: Holder) -> str:
    """`run 4f2a of ana on build-7 (apply, https://ci.example/job/7), which holds the lease since 2027-04-15 07:00:00 UTC`."""
    began = held.began
    text = f"run {held.run}"
    if began is not None:
        text += f" of {began.actor}" if began.actor else ""
        text += f" on {began.host}" if began.host else ""
        text += f" ({', '.join(each for each in (began.command, began.job) if each)})"
    return f"{text}, which holds the lease since {held.since:%Y-%m-%d %H:%M:%S} UTC"


def _span(seconds: float) -> str:
    """`90 s`, `5 min`, `2 h 10 min`: for people."""
    whole = max(1, round(seconds))
    if whole < 120:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"

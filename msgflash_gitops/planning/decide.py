"""The decision table: what to do for one key, given what should exist and what does.

One pure function, a sequence of guarded returns, each with the reason that people read. Creating is the act that cannot be
undone, so wherever two readings are possible the one that sends nothing wins and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from msgflash_gitops.model.campaign import ENDED, KNOWN_STATUSES, VENDOR_PAUSED
from msgflash_gitops.model.memory import Memory
from msgflash_gitops.model.plan import Action, Change, Current, Desired, FieldChange, Flag
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning import reasons
from msgflash_gitops.planning.facts import (
    between_sends,
    can_send,
    current_of,
    from_elsewhere,
    has_started,
    is_same,
    is_series,
    keeper_order,
    preferred_order,
)
from msgflash_gitops.planning.match import Candidate
from msgflash_gitops.planning.series import Start, find_start
from msgflash_gitops.planning.words import moment_words

_RUNNING_WARNING = ("it is being sent now: who already got it will get the new one too",)

_WAYS_OUT = "`paused: true` keeps it so, removing the definition gives it up, --allow-resume brings it back"


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision depends on besides the definition and the account.

    `formerly`: earlier names of the project. `memory`: what the ledger says. `lists`: whether the account has a list of campaigns.
    """

    now: datetime
    policy: Policy
    resume_keeps_schedule: bool = False
    formerly: frozenset[str] = field(default_factory=frozenset)
    memory: Memory = field(default_factory=Memory)
    lists: bool = True


def decide(desired: Desired, candidates: Sequence[Candidate], context: Context) -> list[Change]:
    """The changes for one key: usually one, more where the key is live twice."""
    return _Decision(desired, candidates, context).changes()


class _Decision:
    def __init__(self, desired: Desired, candidates: Sequence[Candidate], context: Context) -> None:
        self.desired = desired
        self.context = context
        self.start: Start = find_start(desired, context.now, context.policy)
        self.unknown = self._with(candidates, {each.status for each in candidates} - KNOWN_STATUSES)
        self.vendor_paused = self._with(candidates, VENDOR_PAUSED)
        self.active = sorted((each for each in candidates if can_send(each.live)), key=keeper_order)
        self.paused = self._with(candidates, {"paused"})
        self.completed = [each for each in self._with(candidates, {"completed"}) if not between_sends(each.live)]
        self.ended = self._with(candidates, ENDED)

    def _with(self, candidates: Sequence[Candidate], statuses: frozenset[str] | set[str]) -> list[Candidate]:
        order = preferred_order(self.desired)
        return sorted((each for each in candidates if each.status in statuses), key=order)

    def _same(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        return [each for each in candidates if is_same(self.desired, each)]

    def changes(self) -> list[Change]:
        """What to do, stops first."""
        return [self._finished(change) for change in self._rows()]

    def _rows(self) -> list[Change]:
        if self.unknown and not self._same([*self.active, *self.completed]):
            status = self.unknown[0].status
            return [self._row(Action.BLOCKED, f"status {status!r} is not one this release knows", self.unknown[0])]
        if self.vendor_paused:
            return self._vendor_paused()
        sent = self._same(self.completed)
        if sent:
            stops = [self._stop_extra(each, f"was sent already as {sent[0].live.id}") for each in self.active]
            return [*stops, self._row(Action.FINISHED, "sent", sent[0])]
        if self.active:
            kept, extras = self.active[0], self.active[1:]
            doubles = [self._stop_extra(each, f"the key is live twice, {kept.live.id} is kept") for each in extras]
            return [*doubles, self._active(kept)]
        if self.paused:
            return [self._paused()]
        return [self._nothing_to_be_sent()]

    # one method per block of the table

    def _vendor_paused(self) -> list[Change]:
        held = self.vendor_paused[0]
        blocked = self._row(
            Action.BLOCKED,
            f"MsgFlash paused it ({held.status}): it goes on when quota or plan allow; stop it in the dashboard otherwise",
            held,
        )
        reason = f"MsgFlash may release {held.live.id}, which would send this twice"
        same = self._same(self.active)
        others = [each for each in self.active if each not in same]
        doubles = [self._stop_extra(each, "the key is live twice") for each in others[1:]]
        return [*(self._stop_extra(each, reason) for each in same), *doubles, blocked]

    def _active(self, kept: Candidate) -> Change:
        desired = self.desired
        if desired.until is not None and desired.until <= self.context.now:
            return self._row(Action.STOP, f"`until` passed on {self._when(desired.until)}", kept)
        if is_same(desired, kept) and not kept.differences:
            if desired.paused:
                return self._row(Action.PAUSE, "`paused: true`", kept)
            return self._row(Action.UNCHANGED, "adopted" if kept.digest is None else "", kept)
        if kept.live.fields.get("schedule") is not None and kept.live.start is None:
            return self._row(Action.PAUSE, "`paused: true`", kept) if desired.paused else self._unreadable(kept)
        if self.start.at is None:
            if desired.paused:
                return self._row(Action.PAUSE, "`paused: true`", kept)
            return replace(
                self._row(Action.BLOCKED, reasons.edit_too_late(desired, kept, self.context.policy), kept),
                differences=self._differences(kept),
            )
        running = kept.status == "running"
        return replace(
            self._row(Action.REPLACE, reasons.why_replace(self.desired, kept), kept),
            differences=self._differences(kept),
            held_by=Flag.ALLOW_RUNNING if running else None,
            warnings=(*_RUNNING_WARNING[:running], *from_elsewhere(desired, kept, self.context.memory.applied)),
            retire=self._retired(),
        )

    def _unreadable(self, candidate: Candidate) -> Change:
        """When it starts cannot be told, hence not whether a replace comes in time: it is left alone before the first write."""
        shown = candidate.live.fields.get("schedule")
        reason = (
            f"its schedule in the account, {shown!r}, cannot be read: stop it in the dashboard, or correct it there"
        )
        return replace(self._row(Action.BLOCKED, reason, candidate), differences=self._differences(candidate))

    def _paused(self) -> Change:
        desired, same = self.desired, self._same(self.paused)
        cut_off = [each for each in self.paused if self._is_interrupted(each) and each not in same]
        if same and cut_off and not desired.paused and self.start.at is not None:
            return self._replace_paused(cut_off[0])  # a revert in git: the desired form lies there paused from before
        if same:
            if desired.paused and (not same[0].differences or self.start.at is None):
                return self._row(Action.UNCHANGED, "paused, as in git", same[0])
            return self._resume(same[0]) if not desired.paused else self._replace_paused(same[0])
        other = self._newest(self.paused)
        if self._same(self.ended) and not self._is_interrupted(other):
            return self._ended(self._same(self.ended)[0])
        if self.start.at is None:
            return self._too_late(other)
        return self._replace_paused(other)

    def _resume(self, paused: Candidate) -> Change:
        """Section 7: resuming before the start may send at once, so what had not begun is created anew instead."""
        started = has_started(paused.live, self.context.now)
        ahead = self.desired.anchor > self.context.now
        keeps = self.context.resume_keeps_schedule and ahead and not paused.differences
        reason = f"paused in the account (by a person?), not in git: {_WAYS_OUT}"
        if not self.desired.repeats and started:
            return replace(
                self._row(Action.RESUME, f"{reason}; it had begun, the rest goes out at once", paused),
                held_by=Flag.ALLOW_RESUME,
            )
        if keeps:
            return replace(self._row(Action.RESUME, reason, paused), held_by=Flag.ALLOW_RESUME)
        if self.start.at is None:
            return self._too_late(paused)
        return replace(
            self._row(
                Action.RESUME, f"{reason}; created anew, because resuming before the start may send at once", paused
            ),
            differences=paused.differences,
            held_by=Flag.ALLOW_RESUME,
            recreate=True,
            retire=self._retired(but=paused),
        )

    def _replace_paused(self, paused: Candidate) -> Change:
        """The paused one bears another form of the definition: a person's pause, or a replace that was cut off."""
        ours = self._is_interrupted(paused) or self.desired.paused
        begun = has_started(paused.live, self.context.now) and not is_series(paused.live)
        why = (
            "an earlier replace was cut off"
            if self._is_interrupted(paused)
            else reasons.why_replace(self.desired, paused)
        )
        return replace(
            self._row(
                Action.REPLACE, why if ours else f"{why}; paused in the account (by a person?): {_WAYS_OUT}", paused
            ),
            differences=self._differences(paused),
            held_by=None if ours and not begun else Flag.ALLOW_RESUME,
            warnings=("the paused one had begun: some people would get both",) if begun else (),
            retire=self._retired(but=paused),
        )

    def _nothing_to_be_sent(self) -> Change:
        ended = self._same(self.ended)
        if ended:
            return self._ended(ended[0])
        if self.completed:
            return self._after_a_send(self._newest(self.completed))
        if self.start.at is None:
            return self._too_late(None)
        return self._row(Action.CREATE, "", None)

    def _ended(self, ended: Candidate) -> Change:
        if self.start.at is None and self._passed_long_ago():
            return self._row(Action.PAST, f"{ended.status}, and its time has passed", ended)
        return self._row(Action.BLOCKED, reasons.ended(ended.status), ended)

    def _after_a_send(self, sent: Candidate) -> Change:
        shown = sent.live.fields.get("schedule")
        if self.start.at is not None:
            return replace(
                self._row(Action.CREATE, f"sent before as {sent.live.id} ({shown})", None),
                warnings=(f"this key was sent before, in another form: {sent.live.id}, scheduled {shown}",),
            )
        if self.desired.anchor <= self.context.now:
            return replace(
                self._row(Action.FINISHED, "sent", sent),
                warnings=("the definition was edited after the send: the edit has no effect",),
            )
        return self._too_late(None)

    def _too_late(self, current: Candidate | None) -> Change:
        """`late` where a send was probably missed, `past` where it is history."""
        if self.desired.paused or self._passed_long_ago():
            reason = "" if current is None else f"{current.status}, and its time has passed"
            return self._row(Action.PAST, reason or f"its time passed on {self._when(self._last())}", current)
        return self._row(Action.LATE, reasons.late(self.desired, self.context.now, self.context.policy), current)

    # pieces

    def _row(self, action: Action, reason: str, current: Candidate | None) -> Change:
        return Change(
            key=self.desired.key,
            name=self.desired.name,
            action=action,
            reason=reason,
            desired=self.desired,
            current=current_of(current, self.context.now) if current else None,
        )

    def _finished(self, change: Change) -> Change:
        """Held until consent, and with its start where it creates."""
        change = replace(change, held=change.held_by is not None)
        return replace(change, start=self.start.at, missed=self.start.missed) if change.creates else change

    def _stop_extra(self, extra: Candidate, reason: str) -> Change:
        return replace(self._row(Action.STOP, reason, extra), duplicate=True)

    def _differences(self, candidate: Candidate) -> tuple[FieldChange, ...]:
        if candidate.differences or candidate.digest is None:
            return candidate.differences
        return (FieldChange("digest", candidate.digest, self.desired.digest),)

    def _retired(self, but: Candidate | None = None) -> tuple[Current, ...]:
        """Paused ones beside it that bear our marker: retired when the new one exists."""
        return tuple(
            current_of(each, self.context.now) for each in self.paused if each is not but and each.digest is not None
        )

    def _is_interrupted(self, candidate: Candidate) -> bool:
        return candidate.live.id in self.context.memory.interrupted

    def _newest(self, candidates: Sequence[Candidate]) -> Candidate:
        return max(
            candidates,
            key=lambda each: (
                each.live.created_at or datetime.min.replace(tzinfo=self.context.now.tzinfo),
                each.live.id,
            ),
        )

    def _last(self) -> datetime:
        return self.desired.until if self.desired.repeats and self.desired.until else self.desired.anchor

    def _passed_long_ago(self) -> bool:
        """Series are never late: what passed, passed."""
        return self.desired.repeats or self.context.now - self.desired.anchor > self.context.policy.late_window

    def _when(self, instant: datetime) -> str:
        return moment_words(instant, self.desired.timezone)

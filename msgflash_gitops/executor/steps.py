"""The single writes: each journaled before and after, each with its ambiguity resolved, none repeated blindly."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from msgflash_gitops.errors import Ambiguous, ApiError, InputError, NotFound, Refused
from msgflash_gitops.executor.lookup import Lookup
from msgflash_gitops.executor.settings import ATTEMPTS, Settings, Stopper
from msgflash_gitops.executor.trouble import Trouble, interrupted
from msgflash_gitops.model.campaign import ACTIVE, LiveCampaign
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.outcome import Outcome
from msgflash_gitops.model.plan import Change
from msgflash_gitops.planning.facts import has_started
from msgflash_gitops.ports import CampaignApi, Clock, Journal


class Steps:
    """`known` are the ids that existed before, or that this run made: what a lookup finds beside them is new."""

    def __init__(
        self,
        api: CampaignApi,
        clock: Clock,
        settings: Settings,
        journal: Journal,
        stopper: Stopper,
        known: set[str],
    ) -> None:
        self.api = api
        self.clock = clock
        self.settings = settings
        self.known = known
        self.lookup = Lookup(api, clock, settings.settle)
        self.journal_fault: InputError | None = None
        self._journal = journal
        self._stopper = stopper

    def check_start(self, start: datetime | None) -> None:
        """Raises Trouble where the send would come closer than `min_lead`: the clock went on since the plan was made."""
        if start is None or self.clock.now() + self.settings.min_lead > start:
            raise too_late()

    def check_stopping(self, done: str = "") -> None:
        """Raises Trouble when the run was interrupted; `done` says what of the change has happened already."""
        if self._stopper.stopping:
            raise interrupted(done)

    def note(self, change: Change, operation: str, phase: str, **facts: Json) -> None:
        """Raises Trouble where an intent cannot be written down: then the write it announces is not made."""
        desired = change.desired
        self._write(
            {
                "key": change.key,
                "action": change.action.value,
                "operation": operation,
                "phase": phase,
                "digest": desired.digest if desired else None,
                **facts,
            }
        )

    def note_verified(self) -> None:
        """The listing after the run showed everything that it created."""
        self._write({"operation": "verify", "phase": "done"})

    def _write(self, entry: JsonObject) -> None:
        try:
            self._journal.write({"at": self.clock.now().isoformat(), **entry})
        except InputError as error:
            self.journal_fault = error
            if entry["phase"] == "intent":
                raise Trouble(Outcome.FAILED, "journal", error.message, hint=error.hint) from error

    async def pause(self, change: Change, campaign_id: str, *, ours: bool = False) -> LiveCampaign:
        """Paused when this returns. Raises Trouble when it is not, or when somebody else stopped it meanwhile (unless `ours`)."""
        self.note(change, "pause", "intent", id=campaign_id)
        try:
            answer = await self._pause(campaign_id, asked=ours)
        except (Trouble, Refused):
            self.note(change, "pause", "failed", id=campaign_id)
            raise
        self.note(change, "pause", "done", id=campaign_id)
        return answer

    async def _pause(self, campaign_id: str, *, asked: bool) -> LiveCampaign:
        status = "unknown"
        for _ in range(ATTEMPTS):
            try:
                answer = await self.api.pause_campaign(campaign_id)
            except Ambiguous:
                asked = True
                answer = await self._once_stopped(campaign_id)
            except Refused as refusal:
                answer = await self._after_refused_pause(campaign_id, refusal, asked=asked)
            if answer.status in ACTIVE:
                answer = await self._once_stopped(campaign_id)
            if answer.status == "paused":
                return answer
            status = answer.status
            if status not in ACTIVE:
                raise Moved(campaign_id, status)
        raise Trouble(
            Outcome.FAILED,
            "not-paused",
            f"campaign {campaign_id} could not be paused, its status is {status!r}",
            hint="look at it in the MsgFlash dashboard, then plan again",
            campaign_id=campaign_id,
        )

    async def _after_refused_pause(self, campaign_id: str, refusal: Refused, *, asked: bool) -> LiveCampaign:
        if isinstance(refusal, NotFound):
            raise Moved(campaign_id, "deleted") from refusal
        live = await self.api.get_campaign(campaign_id)
        if live.status in ACTIVE:
            raise refusal
        if live.status == "paused" and asked:
            return live
        raise Moved(campaign_id, live.status) from refusal

    async def _once_stopped(self, campaign_id: str) -> LiveCampaign:
        return await self._settled(campaign_id, lambda live: live.status not in ACTIVE)

    async def _settled(self, campaign_id: str, wanted: Callable[[LiveCampaign], bool]) -> LiveCampaign:
        """The campaign once it satisfies `wanted`, or as it is when the time to settle is over."""
        end = self.clock.monotonic() + self.settings.settle.total_seconds()
        pause = 0.5
        while True:
            live = await self.api.get_campaign(campaign_id)
            if wanted(live) or self.clock.monotonic() >= end:
                return live
            await self.clock.sleep(pause)
            pause = min(pause * 2, 4.0)

    async def resume(self, change: Change, campaign_id: str) -> LiveCampaign:
        """Asked for once. Raises Trouble when it cannot be told, or when it did not happen."""
        self.note(change, "resume", "intent", id=campaign_id)
        try:
            answer = await self.api.resume_campaign(campaign_id)
        except Ambiguous:
            answer = await self._settled(campaign_id, lambda live: live.status != "paused")
        if answer.status == "paused":
            self.note(change, "resume", "failed", id=campaign_id)
            raise Trouble(
                Outcome.FAILED, "not-resumed", f"campaign {campaign_id} is still paused", campaign_id=campaign_id
            )
        self.note(change, "resume", "done", id=campaign_id)
        return answer

    async def retire(self, change: Change, campaign_id: str) -> str | None:
        """Cancel a paused campaign where the vendor can; otherwise it stays paused, which sends nothing either. A note, or None."""
        try:
            self.note(change, "cancel", "intent", id=campaign_id)
        except Trouble as trouble:
            return f"{campaign_id} stays paused ({trouble.failure.message})"
        note = await self._quietly(lambda: self.api.cancel_campaign(campaign_id), campaign_id)
        self.note(change, "cancel", "done" if note is None else "left-paused", id=campaign_id)
        return note

    async def _quietly(self, call: Callable[[], Awaitable[bool]], campaign_id: str) -> str | None:
        try:
            cancelled = await call()
        except ApiError as error:
            return f"{campaign_id} stays paused ({error.message})"
        return None if cancelled else f"{campaign_id} stays paused"

    async def check_not_begun(self, paused: LiveCampaign, start: datetime | None) -> None:
        """Raises Trouble where the campaign had begun before the pause took effect: creating it anew would reach people twice."""
        begun = has_started(paused, self.clock.now())
        if begun is None and (start is None or start <= self.clock.now()):
            begun = has_started(await self.api.get_campaign(paused.id), self.clock.now()) is not False
        if begun:
            raise Trouble(
                Outcome.FAILED,
                "begun",
                f"campaign {paused.id} had begun to send before it could be paused; the new one was not created",
                hint="look at what went out, then apply with --allow-running or raise `revision`",
                campaign_id=paused.id,
            )


def too_late() -> Trouble:
    return Trouble(
        Outcome.FAILED,
        "late",
        "its start came closer than min_lead while the plan was being applied: nothing was sent",
        hint="set a new schedule and plan again",
    )


class Moved(Trouble):
    """Somebody else stopped, sent or deleted the campaign since the plan was made."""

    def __init__(self, campaign_id: str, status: str) -> None:
        super().__init__(
            Outcome.FAILED,
            "moved",
            f"campaign {campaign_id} is {status} now: somebody else changed it since the plan was made",
            hint="plan again",
            campaign_id=campaign_id,
        )
        self.status = status

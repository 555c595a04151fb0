"""The single writes: each put into the ledger before and after, each with its ambiguity resolved, none repeated blindly."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from msgflash_gitops.errors import Ambiguous, ApiError, LeaseLost, LedgerError, NotFound, Refused
from msgflash_gitops.executor.lookup import Lookup
from msgflash_gitops.executor.settings import ATTEMPTS, Settings, Stopper
from msgflash_gitops.executor.trouble import Trouble, interrupted
from msgflash_gitops.model.campaign import ACTIVE, LiveCampaign
from msgflash_gitops.model.ledger import Fact, Intent, Operation, OutcomeSeen, Phase
from msgflash_gitops.model.outcome import Outcome
from msgflash_gitops.model.plan import Change
from msgflash_gitops.planning.facts import has_started
from msgflash_gitops.ports import CampaignApi, Clock, Ledger


class Steps:
    """`known` are the ids that existed before, or that this run made: what a lookup finds beside them is new.

    `lists`: whether the account has a list of campaigns, to look things up in. `unwritten`: keys and ids of campaigns that were
    created, and could not be put into the ledger.
    """

    def __init__(
        self,
        api: CampaignApi,
        clock: Clock,
        settings: Settings,
        ledger: Ledger,
        stopper: Stopper,
        known: set[str],
        *,
        lists: bool = True,
    ) -> None:
        self.api = api
        self.clock = clock
        self.settings = settings
        self.known = known
        self.lists = lists
        self.lookup = Lookup(api, clock, settings.settle)
        self.ledger_fault: LedgerError | None = None
        self.unwritten: list[tuple[str, str]] = []
        self.ledger = ledger
        self._stopper = stopper

    def check_start(self, start: datetime | None) -> None:
        """Raises Trouble where the send would come closer than `min_lead`: the clock went on since the plan was made."""
        if start is None or self.clock.now() + self.settings.min_lead > start:
            raise too_late()

    def check_stopping(self, done: str = "") -> None:
        """Raises Trouble when the run was interrupted; `done` says what of the change has happened already."""
        if self._stopper.stopping:
            raise interrupted(done)

    async def announce(
        self, change: Change, operation: Operation, campaign_id: str | None = None, *, attempt: int = 1
    ) -> None:
        """What is about to be written. Raises Trouble where that cannot be put into the ledger: then nothing is written."""
        desired = change.desired
        intent = Intent(change.key, change.action.value, operation, campaign_id, attempt=attempt)
        if operation is Operation.CREATE and desired is not None:
            intent = replace(
                intent,
                digest=desired.digest,
                instance_id=desired.instance.id,
                start=change.start,
                repeat=str(desired.fields.get("repeat")),
            )
        try:
            await self.ledger.append(intent)
        except LedgerError as error:
            raise self._without_ledger(error) from error

    def check_leaving(self, start: datetime | None) -> None:
        """Right before a create leaves. A process that was stopped meanwhile, for longer than its lease, must not send it: another run
        goes on by now. Raises Trouble.
        """
        self.check_start(start)
        try:
            self.ledger.check_lease()
        except LedgerError as error:
            raise self._without_ledger(error) from error

    def _without_ledger(self, error: LedgerError) -> Trouble:
        self.ledger_fault = error
        lost = isinstance(error, LeaseLost)
        return Trouble(Outcome.FAILED, "ledger", error.message, hint=error.hint, unusable=lost)

    async def note(
        self,
        change: Change,
        operation: Operation,
        phase: Phase,
        campaign_id: str | None = None,
        *,
        code: str | None = None,
        status: str | None = None,
    ) -> None:
        """How a write ended."""
        digest = change.desired.digest if change.desired and operation is Operation.CREATE else None
        await self.record(
            OutcomeSeen(change.key, change.action.value, operation, phase, campaign_id, digest, code, status)
        )

    async def record(self, fact: Fact) -> None:
        """Where it cannot be put down, the run goes on and says so at its end."""
        try:
            await self.ledger.append(fact)
        except LedgerError as error:
            self.ledger_fault = error
            if isinstance(fact, OutcomeSeen) and fact.operation is Operation.CREATE and fact.campaign_id:
                self.unwritten.append((fact.key, fact.campaign_id))

    async def pause(self, change: Change, campaign_id: str, *, ours: bool = False) -> LiveCampaign:
        """Paused when this returns. Raises Trouble when it is not, or when somebody else stopped it meanwhile (unless `ours`)."""
        await self.announce(change, Operation.PAUSE, campaign_id)
        try:
            answer = await self._pause(campaign_id, asked=ours)
        except Moved as moved:
            await self.note(change, Operation.PAUSE, Phase.FAILED, campaign_id, status=moved.status)
            raise
        except (Trouble, Refused):
            await self.note(change, Operation.PAUSE, Phase.FAILED, campaign_id)
            raise
        await self.note(change, Operation.PAUSE, Phase.DONE, campaign_id, status=answer.status)
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
            else:
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
        await self.announce(change, Operation.RESUME, campaign_id)
        try:
            answer = await self.api.resume_campaign(campaign_id)
        except Ambiguous:
            answer = await self._settled(campaign_id, lambda live: live.status != "paused")
        if answer.status == "paused":
            await self.note(change, Operation.RESUME, Phase.FAILED, campaign_id)
            raise Trouble(
                Outcome.FAILED, "not-resumed", f"campaign {campaign_id} is still paused", campaign_id=campaign_id
            )
        await self.note(change, Operation.RESUME, Phase.DONE, campaign_id, status=answer.status)
        return answer

    async def retire(self, change: Change, campaign_id: str) -> str | None:
        """Cancel a paused campaign where the vendor can; otherwise it stays paused, which sends nothing either. A note, or None."""
        try:
            await self.announce(change, Operation.CANCEL, campaign_id)
        except Trouble as trouble:
            return f"{campaign_id} stays paused ({trouble.failure.message})"
        note = await self._quietly(lambda: self.api.cancel_campaign(campaign_id), campaign_id)
        await self.note(change, Operation.CANCEL, Phase.DONE if note is None else Phase.LEFT_PAUSED, campaign_id)
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

"""Creating a campaign so that it exists once, or saying that this cannot be told."""

from dataclasses import dataclass

from msgflash_gitops.errors import Ambiguous, ApiError, Interrupted, TooLate
from msgflash_gitops.executor.settings import ATTEMPTS
from msgflash_gitops.executor.steps import Steps, too_late
from msgflash_gitops.executor.trouble import Trouble
from msgflash_gitops.model.campaign import ACTIVE, LiveCampaign
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.ledger import Operation, Phase
from msgflash_gitops.model.outcome import Outcome
from msgflash_gitops.model.plan import Change, Desired, FieldChange
from msgflash_gitops.planning.diff import differences
from msgflash_gitops.planning.marker import read_marker
from msgflash_gitops.planning.reasons import ways_out_of_doubt


@dataclass(frozen=True, slots=True)
class Created:
    live: LiveCampaign
    recovered: bool


async def create(steps: Steps, change: Change) -> Created:
    """POST the change's campaign. After an answer that was lost, look the marker up; try again only when it settled as absent.

    Raises Trouble (`unknown` when a create may have landed) and ApiError (a definite refusal: nothing happened).
    """
    desired = change.desired
    assert desired is not None
    body: JsonObject = {**desired.body, "schedule": format_instant(change.start)} if change.start else desired.body
    until = change.start - steps.settings.min_lead if change.start else None
    for attempt in range(ATTEMPTS):
        if attempt:
            steps.check_stopping("after a create whose outcome is not known")
        steps.check_start(change.start)
        await steps.announce(change, Operation.CREATE, attempt=attempt + 1)
        try:
            answer = await steps.api.create_campaign(
                body, before=lambda: steps.check_leaving(change.start), until=until
            )
        except (Trouble, TooLate) as kept_back:  # time passed while the intent was written down or its turn was awaited
            await steps.note(change, Operation.CREATE, Phase.NOT_SENT)
            raise kept_back if isinstance(kept_back, Trouble) else too_late() from None
        except Ambiguous as ambiguity:
            steps.lookup.doubt()
            found = await _look_up(steps, change, body, ambiguity)
            if found is not None:
                return await _accept(steps, change, found, recovered=True)
        except Interrupted:
            await steps.note(change, Operation.CREATE, Phase.NOT_SENT)
            steps.check_stopping("after a create whose outcome is not known" if attempt else "")
            raise
        except ApiError as refusal:
            await steps.note(change, Operation.CREATE, Phase.REFUSED, code=refusal.code)
            raise
        else:
            return await _accept(steps, change, answer, recovered=False)
    await steps.note(change, Operation.CREATE, Phase.UNKNOWN)
    raise _unknown(f"{ATTEMPTS} attempts got no answer, and the campaign does not show in the list")


async def _accept(steps: Steps, change: Change, live: LiveCampaign, *, recovered: bool) -> Created:
    """What the vendor stored must be what was sent; otherwise it is paused at once."""
    assert change.desired is not None
    steps.known.add(live.id)
    phase = Phase.RECOVERED if recovered else Phase.DONE
    await steps.note(change, Operation.CREATE, phase, live.id, status=live.status)
    altered = _altered(change.desired, live)
    if not altered:
        return Created(live, recovered)
    if live.status in ACTIVE:
        await steps.pause(change, live.id)
    name = any(each.field == "name" for each in altered)
    what = "; ".join(f"{each.field}: sent {each.after!r}, stored {each.before!r}" for each in altered)
    raise Trouble(
        Outcome.FAILED,
        "name-altered" if name else "stored-otherwise",
        f"MsgFlash stored something else than was sent, so campaign {live.id} was paused at once ({what})",
        hint="shorten the name or the key" if name else "look at it in the dashboard and report it to the vendor",
        campaign_id=live.id,
    )


def _altered(desired: Desired, live: LiveCampaign) -> tuple[FieldChange, ...]:
    if live.partial:
        return ()  # created, but nothing more is known yet: the listing after the run compares it
    if live.name != desired.body["name"]:
        return (FieldChange("name", live.name, desired.body["name"]),)
    return differences(desired, live, with_name=False)


async def _look_up(steps: Steps, change: Change, body: JsonObject, ambiguity: Ambiguous) -> LiveCampaign | None:
    """The campaign that the lost create left behind, None when the list settled without it. Counts only ids that are new.

    Raises Trouble where there is no list to look in, or where it cannot be read.
    """
    desired = change.desired
    assert desired is not None
    if not steps.lists:
        await steps.note(change, Operation.CREATE, Phase.UNKNOWN)
        raise _in_doubt(desired, change, ambiguity) from ambiguity

    def landed(campaigns: list[LiveCampaign]) -> list[LiveCampaign]:
        return [each for each in campaigns if each.id not in steps.known and _is_this(desired, body, each)]

    campaigns = await steps.lookup.until(lambda listed: bool(landed(listed)))
    if campaigns is None:
        raise _unknown(f"{ambiguity.message}; the account could not be listed to look it up") from ambiguity
    found = landed(campaigns)
    return min(found, key=lambda each: (each.created_at is None, str(each.created_at), each.id)) if found else None


def _is_this(desired: Desired, body: JsonObject, live: LiveCampaign) -> bool:
    """The name is the one sent; or it was altered and everything else that shows is the same."""
    if live.name == body["name"]:
        return True
    shares_a_beginning = live.name[:8].strip().lower() == desired.name[:8].strip().lower()
    return read_marker(live.name)[1] is None and shares_a_beginning and not differences(desired, live, with_name=False)


def _in_doubt(desired: Desired, change: Change, ambiguity: Ambiguous) -> Trouble:
    """The documented world has nothing to look it up in: a person says what became of it."""
    return Trouble(
        Outcome.UNKNOWN,
        "in-doubt",
        f"the create may have landed: {ambiguity.message}; this API has no list to look it up in",
        hint=ways_out_of_doubt(change.key, str(desired.body["name"])),
    )


def _unknown(why: str) -> Trouble:
    return Trouble(
        Outcome.UNKNOWN,
        "unknown",
        f"the create may have landed: {why}",
        hint="apply again: it looks the campaign up by its marker before it creates anything, so nothing is sent twice",
    )

"""The course of a plan and of an apply: what is done in which order, and when a person is asked."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from msgflash_gitops.errors import ApiError, LedgerError, StalePlanError
from msgflash_gitops.executor.settings import Stopper
from msgflash_gitops.model.outcome import Applied
from msgflash_gitops.model.plan import Consent, Plan, World
from msgflash_gitops.planning.seal import plan_digest
from msgflash_gitops.planning.words import duration_words
from msgflash_gitops.workflows.apply import Run, apply_plan
from msgflash_gitops.workflows.contacts import CONTACTS_PER_REQUEST, Scanning
from msgflash_gitops.workflows.definitions import Valid
from msgflash_gitops.workflows.plan import Planned, make_plan, remake_plan
from msgflash_gitops.workflows.saved import recheck_plan, what_moved
from msgflash_gitops.workflows.session import Session

_NOTABLE_SKEW = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan shall be made of. `load` reads the definitions, and raises InputError where they are faulty."""

    load: Callable[[], Valid]
    consent: Consent = field(default_factory=Consent)
    count_tags: bool = False


@dataclass(frozen=True, slots=True)
class Deploying:
    """How to apply. `reviewed`: a saved plan. `lease_wait`: how many seconds to wait for another run to end."""

    reviewed: Plan | None
    auto_approve: bool
    lease_wait: float


@dataclass(frozen=True, slots=True)
class Deployed:
    """`applied` is None where the person said no."""

    planned: Planned
    applied: Applied | None


async def plan_now(session: Session, asked: Asked, *, sure: bool = False) -> Planned:
    """The plan of the definitions as they are. Raises what `make_plan` raises, and InputError for faulty definitions."""
    valid = asked.load()
    await _let_settle(session)
    scope = session.scope(sure=sure)
    planned = await make_plan(session.api, session.clock, scope, valid, asked.consent, _scanning(session, asked))
    _check_clock(session)
    return planned


async def deploy(session: Session, asked: Asked, how: Deploying, stopper: Stopper) -> Deployed:
    """Plan, or check the saved plan; ask; carry out. Nobody else writes to the account meanwhile, as far as the lease reaches."""
    digest = plan_digest(how.reviewed) if how.reviewed else None
    async with session.writing("apply", wait=how.lease_wait, plan=digest):
        planned = await _plan(session, asked, how)
        if not await _approved(session, how, planned):
            return Deployed(planned, None)
        run = Run(session.api, session.clock, session.ledger, stopper, session.console.progress)
        stopper.carrying_out = True
        return Deployed(planned, await apply_plan(planned, session.scope(), run))


async def _plan(session: Session, asked: Asked, how: Deploying) -> Planned:
    if how.reviewed is None:
        return await plan_now(session, asked, sure=True)
    _check_ledger(session, how.reviewed)
    await _let_settle(session)
    scope = session.scope(sure=True)
    planned = await recheck_plan(
        session.api, session.clock, scope, how.reviewed, asked.consent, _scanning(session, asked)
    )
    _check_clock(session)
    for line in planned.growth:
        session.console.tell(f"warning: {line}")
    return planned


def _check_ledger(session: Session, reviewed: Plan) -> None:
    """Raises LedgerError where the ledger is not the one that the plan was made with, or an older copy of it."""
    was, book = reviewed.ledger, session.book
    if was is None or was.id is None:
        return
    if reviewed.world is World.LIST and session.project.ledger.id is None:
        return  # each machine has its own, beside the account's list, which is the memory of all
    if book is None or book.ref.id != was.id:
        raise LedgerError(
            f"the plan was made with the ledger {was.id} ({was.store}), and this is another one: nothing was sent",
            hint="apply with the ledger that the plan was made with, or plan again",
        )
    if not book.knows(was.head):
        raise LedgerError(
            f"the ledger ({book.place}) is an older copy: it ends with entry {book.ref.head.number}, and the plan was made with entry "
            f"{was.head.number}: nothing was sent",
            hint="restore a newer copy with `msgflash-gitops ledger init --from FILE`",
        )


async def _approved(session: Session, how: Deploying, planned: Planned) -> bool:
    """The account may move while a person reads: it is looked at again before the answer counts."""
    session.console.show(planned.plan)
    if how.auto_approve or not any(not change.held for change in planned.plan.pending):
        return True
    if not await session.console.ask(planned.plan):
        return False
    shown = how.reviewed or planned.plan
    now = await remake_plan(session.api, session.clock, session.scope(sure=True), shown, planned.plan.consent)
    moved = what_moved(planned.plan.changes, now.plan.changes)
    if moved:
        raise StalePlanError("the account changed while the plan was shown, nothing was sent", changes=moved)
    return True


def _scanning(session: Session, asked: Asked) -> Scanning | None:
    """What the count of tags costs, said before it begins."""

    def announce(total: int | None) -> None:
        if total is None:
            session.console.tell("counting tags: every contact is read, one request for each 100 of them")
            return
        requests = max(math.ceil(total / CONTACTS_PER_REQUEST), 1)
        contacts = f"{total} contact{'' if total == 1 else 's'}"
        session.console.tell(
            f"counting tags: reading {contacts}, {requests} request{'' if requests == 1 else 's'}",
        )

    return announce if asked.count_tags else None


async def _let_settle(session: Session) -> None:
    """A run that was cut off may have left a campaign that neither the list nor its id shows yet."""
    wait = session.scope().unsettled(session.clock.now())
    if wait > timedelta(0):
        words = duration_words(wait + timedelta(seconds=1))
        session.console.tell(f"waiting up to {words}: an earlier run was cut off while it created a campaign")
        await session.clock.sleep(wait.total_seconds())


def _check_clock(session: Session) -> None:
    """Warns of a clock that is wrong by over a minute. Raises ApiError where it is wrong by more than `min_lead`."""
    skew = session.api.clock_skew
    if skew is None or abs(skew) <= _NOTABLE_SKEW:
        return
    words = f"this machine's clock is {duration_words(timedelta(seconds=abs(skew)))} {'ahead of' if skew > 0 else 'behind'} the server's"
    if abs(skew) > session.project.policy.min_lead.total_seconds():
        raise ApiError(f"{words}, more than min_lead: nothing was sent", hint="set the clock (NTP), then try again")
    session.console.tell(f"warning: {words}")

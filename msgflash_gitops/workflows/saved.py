"""Applying a saved plan as it was reviewed, or not at all."""

from collections.abc import Iterable
from dataclasses import replace

from msgflash_gitops.errors import PlanFileError, StalePlanError
from msgflash_gitops.model.plan import Change, Consent, Plan, World
from msgflash_gitops.planning.words import moment_words
from msgflash_gitops.ports import CampaignApi, Clock
from msgflash_gitops.workflows.contacts import Scanning, find_growth
from msgflash_gitops.workflows.plan import Planned, Scope, remake_plan


async def recheck_plan(
    api: CampaignApi,
    clock: Clock,
    scope: Scope,
    reviewed: Plan,
    consent: Consent,
    scanning: Scanning | None = None,
) -> Planned:
    """The reviewed plan against the account as it is now. With `scanning`, audiences by tag are counted again too.

    Raises PlanFileError (another project, workspace or account) and StalePlanError (expired, or live state moved: it says what).
    """
    _check_scope(scope, reviewed)
    if reviewed.valid_until is not None and clock.now() > reviewed.valid_until:
        raise StalePlanError(
            f"the plan expired at {moment_words(reviewed.valid_until, 'UTC')}: one of its sends would start too soon",
            hint="plan again",
        )
    await _check_account(api, reviewed)
    now = await remake_plan(api, clock, scope, reviewed, _joined(reviewed.consent, consent))
    _check_users(now.plan, reviewed)
    _check_world(now.plan, reviewed)
    moved = [*await _edited_templates(api, reviewed), *what_moved(reviewed.changes, now.plan.changes)]
    if moved:
        raise StalePlanError("the account changed since the plan was made", changes=moved, hint="plan and review again")
    return replace(now, growth=await find_growth(api, now.plan.changes, scanning))


def _joined(reviewed: Consent, given: Consent) -> Consent:
    """What was consented to when the plan was made, and what is consented to now."""
    return Consent(
        reviewed.allow_running or given.allow_running,
        reviewed.allow_resume or given.allow_resume,
        reviewed.max_stops if given.max_stops is None else given.max_stops,
    )


def what_moved(reviewed: Iterable[Change], now: Iterable[Change]) -> list[str]:
    """One line for each change that is decided otherwise now, or that is about a campaign in another state."""
    before = {_identity(change): change for change in reviewed}
    after = {_identity(change): change for change in now}
    lines = []
    for identity in sorted(before.keys() | after.keys()):
        was, becomes = before.get(identity), after.get(identity)
        if was is None or becomes is None or _facts(was, becomes) != _facts(becomes, was):
            lines.append(f"{identity[0]}: was {_words(was)}, now {_words(becomes)}")
    return lines


def _identity(change: Change) -> tuple[str, bool, str]:
    """A key that git no longer has may be live several times, and in doubt besides."""
    several = change.duplicate or change.desired is None
    return (change.key, change.duplicate, change.current.id if several and change.current else "")


def _facts(change: Change, other: Change) -> tuple[object, ...]:
    return _recalled(change) if _is_recalled(change) or _is_recalled(other) else _essence(change)


def _essence(change: Change) -> tuple[object, ...]:
    current = change.current
    state = (current.id, current.name, current.status, current.schedule, current.started) if current else None
    return (change.action, change.start, state, change.differences, change.recreate, change.desired)


def _recalled(change: Change) -> tuple[object, ...]:
    """Of a campaign that was remembered when the plan was made, only this much was known."""
    state = (change.current.id, change.current.status) if change.current else None
    return (change.action, change.start, state, change.recreate, change.desired)


def _is_recalled(change: Change) -> bool:
    return change.current is not None and change.current.seen_at is not None


def _words(change: Change | None) -> str:
    if change is None:
        return "nothing to do"
    current = change.current
    live = f" ({current.id} {current.status})" if current else " (no campaign)"
    start = f" to start {moment_words(change.start, 'UTC')}" if change.start else ""
    return f"{change.action.value}{live}{start}"


def _check_scope(scope: Scope, reviewed: Plan) -> None:
    pairs = (
        ("project", reviewed.project, scope.project.name),
        ("workspace", reviewed.workspace, scope.workspace),
        ("base URL", reviewed.account.base_url, scope.account.base_url),
        ("team", reviewed.account.team_id, scope.account.team_id),
    )
    for what, planned, here in pairs:
        if planned != here:
            raise PlanFileError(
                f"the plan was made for {what} {planned or 'none'!r}, this is {here or 'none'!r}: nothing was sent",
                hint="use the workspace and key the plan was made with, or plan again",
            )


async def _check_account(api: CampaignApi, reviewed: Plan) -> None:
    """Instance ids belong to one account: a plan for another account names some that are not here."""
    needed = {each.instance.id: each for each in reviewed.desired}
    here = {instance.id for instance in await api.list_instances()}
    missing = sorted(needed.keys() - here)
    if missing:
        one = needed[missing[0]]
        raise PlanFileError(
            f"the plan was made for another account: it has no instance {one.instance.label!r} ({missing[0]}), nothing was sent",
            hint="use the key the plan was made with, or plan again",
        )


async def _edited_templates(api: CampaignApi, reviewed: Plan) -> list[str]:
    """A template's text is part of what was reviewed: one line for each that reads otherwise now, or is gone."""
    used = {str(each.content["templateId"]): each.content for each in reviewed.desired if "templateId" in each.content}
    if not used:
        return []
    here = {template.id: template for template in await api.list_templates()}
    lines = []
    for identity, content in sorted(used.items()):
        template = here.get(identity)
        name = f"template {content.get('template')!r}"
        if template is None:
            lines.append(f"{name} was deleted")
        elif (template.body or None, template.media_url or None) != (content.get("body"), content.get("mediaUrl")):
            lines.append(f"{name} was edited: people would get another text than the one reviewed")
    return lines


def _check_world(now: Plan, reviewed: Plan) -> None:
    if now.world is not reviewed.world:
        worlds = {World.LIST: "showed a list of campaigns", World.DOCUMENTED: "had no list of campaigns"}
        raise StalePlanError(
            f"the account {worlds[reviewed.world]} when the plan was made, and now it is otherwise: nothing was sent",
            hint="plan and review again",
        )


def _check_users(now: Plan, reviewed: Plan) -> None:
    planned, here = set(reviewed.account.user_ids), set(now.account.user_ids)
    if planned and here and not planned & here:
        raise PlanFileError("the plan was made for another account: nothing was sent", hint="plan again")

"""What the ledger tells: who wrote what about each key, what is remembered, and what is in doubt."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.ledger import LedgerRef, RunBegan
from msgflash_gitops.model.memory import Doubt, Remembered
from msgflash_gitops.planning.lease import Holder
from msgflash_gitops.planning.marker import Marker
from msgflash_gitops.planning.timeline import Event, LedgerStory, Story
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.style import Style

_SHORT = 8


def ledger_text(story: LedgerStory, keys: Sequence[str], style: Style) -> str:
    """The keys asked for in full, or a line for each; what is in doubt comes first."""
    shown = [story.keys[key] for key in dict.fromkeys(keys)]
    doubts = [each for each in story.doubts if not keys or each.key in keys]
    lines = [
        f"Ledger {story.ref.id} of {story.project}, workspace {story.workspace}: {counted(story.entries, 'entry', 'entries')}, "
        f"{story.ref.store} ({plain(story.place)})",
        f"Lease: {_lease(story.holder)}",
        *_doubts(story, doubts, style),
    ]
    for each in shown:
        lines += ["", *_told(story, each, style)]
    if not keys:
        lines += ["", *_table(story, style)]
    return "".join(f"{line}\n" for line in lines)


def ledger_object(story: LedgerStory, keys: Sequence[str]) -> dict[str, Json]:
    shown = [story.keys[key] for key in dict.fromkeys(keys)] if keys else list(story.keys.values())
    runs = {event.run for each in shown for event in each.events}
    return {
        "version": 1,
        "ok": True,
        "project": story.project,
        "workspace": story.workspace,
        "ledger": ref_object(story.ref, story.place),
        "entries": story.entries,
        "lists": story.lists,
        "lease": _holder_object(story.holder),
        "doubts": [_doubt_object(story, each) for each in story.doubts if not keys or each.key in keys],
        "keys": [_story_object(each) for each in shown],
        "runs": [{"run": run, **_began_object(began)} for run, began in story.runs.items() if run in runs],
    }


def verified_text(ref: LedgerRef, entries: int) -> str:
    return f"{counted(entries, 'entry', 'entries')}, head {ref.head.digest[:_SHORT]}, whole\n"


def verified_object(project: str, workspace: str, ref: LedgerRef, place: str, entries: int) -> dict[str, Json]:
    return {
        "version": 1,
        "ok": True,
        "project": project,
        "workspace": workspace,
        "ledger": ref_object(ref, place),
        "entries": entries,
    }


def ref_object(ref: LedgerRef, place: str) -> dict[str, Json]:
    return {
        "id": ref.id,
        "store": ref.store,
        "place": place,
        "head": {"number": ref.head.number, "digest": ref.head.digest},
    }


def holder_text(held: Holder) -> str:
    """`run 4f2a1b3c… of ana on build-7 (apply), since 2027-04-15 07:00:00 UTC`."""
    return f"run {plain(held.run)}{_by(held.began)}, since {_moment(held.since)}"


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _lease(held: Holder | None) -> str:
    return "free" if held is None else f"held by {holder_text(held)}"


def _by(began: RunBegan | None) -> str:
    """Who, where and what: ` of ana on build-7 (apply, https://ci.example/job/7, commit 0f3c9a1b)`."""
    if began is None:
        return ""
    who = f" of {plain(began.actor)}" if began.actor else ""
    where = f" on {plain(began.host)}" if began.host else ""
    commit = f"commit {began.commit[:_SHORT]}" if began.commit else None
    return f"{who}{where} ({plain(', '.join(each for each in (began.command, began.job, commit) if each))})"


def _doubts(story: LedgerStory, doubts: Sequence[Doubt], style: Style) -> Iterator[str]:
    if not doubts:
        return
    yield ""
    yield style.red(style.bold(f"In doubt: {counted(len(doubts), 'create', 'creates')} whose answer was lost"))
    for doubt in doubts:
        key = plain(doubt.key)
        start = f", to start {_moment(doubt.start)}" if doubt.start else ""
        yield f"  {style.bold(key)}: asked for at {_moment(doubt.at)} by run {plain(doubt.run[:_SHORT])}{start}"
        if story.holder is not None and story.holder.run == doubt.run:
            yield "    that run holds the lease and may still be at work: first see how it ends"
        yield f"    look in the dashboard for a campaign whose name ends in {_marker(story, doubt)}"
        yield f"    it is there:      msgflash-gitops link {key} ID"
        yield f"    it is not there:  msgflash-gitops link {key} --none"
    if story.lists:
        yield "  The account had a list of campaigns when it was last read: the next apply looks there by itself."
    else:
        yield "  Until then, apply does not create these keys again."


def _marker(story: LedgerStory, doubt: Doubt) -> str:
    marker = str(Marker(story.project, doubt.key, doubt.digest or ""))
    return plain(marker if doubt.digest else marker.replace("@]", "@…]"))


def _told(story: LedgerStory, each: Story, style: Style) -> Iterator[str]:
    yield style.bold(plain(each.key))
    run = None
    for event in each.events:
        if event.run != run:
            run = event.run
            yield f"  run {plain(run[:_SHORT])}{_by(story.runs.get(run))}"
        yield f"    {_event(event, style)}"
    yield "  now"
    for campaign in each.campaigns:
        yield f"    {_campaign(campaign)}"
    for doubt in each.doubts:
        yield f"    in doubt since {_moment(doubt.at)}"
    if not each.campaigns and not each.doubts:
        yield "    no campaign is remembered"


def _event(event: Event, style: Style) -> str:
    what = event.what if event.action in (None, event.what) else f"{event.what} ({event.action})"
    more = [
        f"campaign {event.campaign_id}" if event.campaign_id else "",
        f"digest {event.digest}" if event.digest else "",
        f"attempt {event.attempt}" if event.attempt > 1 else "",
        event.code or "",
    ]
    line = f"{_moment(event.at)}  {plain(what):<16}  {style.bold(plain(_outcome(event)).ljust(11))}"
    return f"{line}  {plain('  '.join(each for each in more if each))}".rstrip()


def _outcome(event: Event) -> str:
    if event.what.startswith("link"):
        return "by a person" if event.outcome == "person" else f"by its {event.outcome}"
    if event.what == "unlink":
        return ""
    return event.outcome or "no outcome"


def _campaign(campaign: Remembered) -> str:
    seen = (
        f"last seen {_moment(campaign.seen_at)}"
        if campaign.status
        else f"linked {_moment(campaign.seen_at)}, not looked at since"
    )
    start = f"; starts {_moment(campaign.start)}" if campaign.start else ""
    repeat = f", {campaign.repeat}" if campaign.repeat not in (None, "none") else ""
    digest = f", digest {campaign.digest}" if campaign.digest else ""
    return plain(f"campaign {campaign.id}{digest}: {campaign.status or 'status unknown'}, {seen}{start}{repeat}")


def _table(story: LedgerStory, style: Style) -> list[str]:
    if not story.keys:
        return ["Nothing was applied yet."]
    rows = [_row(each) for each in story.keys.values()]
    head = ("KEY", "CAMPAIGN", "STATUS", "LAST SEEN", "LAST ENTRY")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
    return [style.bold(lines[0]), *lines[1:]]


def _row(each: Story) -> tuple[str, str, str, str, str]:
    """The campaign that is to be sent, else one that may still send, else the last one."""
    latest = sorted(each.campaigns, key=lambda one: (one.may_send, one.status in ("scheduled", "running")))
    campaign = latest[-1] if latest else None
    status = (campaign.status or "linked, not seen") if campaign else "none"
    others = f" (+{len(each.campaigns) - 1})" if len(each.campaigns) > 1 else ""
    last = each.events[-1]
    return (
        plain(each.key),
        plain(campaign.id) + others if campaign else "-",
        "in doubt" if each.doubts else plain(status),
        _moment(campaign.seen_at) if campaign and campaign.status else "-",
        plain(f"{_moment(last.at)}  {last.what} {_outcome(last)}".rstrip()),
    )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _instant(at: datetime | None) -> Json:
    return format_instant(at) if at else None


def _began_object(began: RunBegan | None) -> dict[str, Json]:
    names = ("command", "actor", "host", "job", "commit", "plan")
    return {name: getattr(began, name, None) for name in names}


def _holder_object(held: Holder | None) -> Json:
    if held is None:
        return None
    return {"run": held.run, "since": _instant(held.since), "seconds": held.seconds, **_began_object(held.began)}


def _doubt_object(story: LedgerStory, doubt: Doubt) -> dict[str, Json]:
    return {
        "key": doubt.key,
        "marker": _marker(story, doubt),
        "digest": doubt.digest,
        "at": _instant(doubt.at),
        "run": doubt.run,
        "instance_id": doubt.instance_id,
        "start": _instant(doubt.start),
        "repeat": doubt.repeat,
    }


def _story_object(each: Story) -> dict[str, Json]:
    return {
        "key": each.key,
        "in_doubt": bool(each.doubts),
        "campaigns": [_campaign_object(campaign) for campaign in each.campaigns],
        "events": [_event_object(event) for event in each.events],
    }


def _campaign_object(campaign: Remembered) -> dict[str, Json]:
    return {
        "id": campaign.id,
        "digest": campaign.digest,
        "status": campaign.status,
        "seen_at": _instant(campaign.seen_at) if campaign.status else None,
        "may_send": campaign.may_send,
        "instance_id": campaign.instance_id,
        "start": _instant(campaign.start),
        "repeat": campaign.repeat,
        "run": campaign.run,
        "commit": campaign.commit,
    }


def _event_object(event: Event) -> dict[str, Json]:
    return {
        "number": event.number,
        "at": _instant(event.at),
        "run": event.run,
        "what": event.what,
        "action": event.action,
        "outcome": event.outcome,
        "campaign_id": event.campaign_id,
        "digest": event.digest,
        "code": event.code,
        "attempt": event.attempt,
    }

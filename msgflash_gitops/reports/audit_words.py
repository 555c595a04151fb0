"""An audit's facts in the words that all its reports use."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from msgflash_gitops.model.audit import (
    Audit,
    AuditFinding,
    Coverage,
    Kind,
    Outlook,
    Send,
    State,
    Subject,
    Window,
)
from msgflash_gitops.model.instant import parse_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.memory import DELETED
from msgflash_gitops.model.provenance import Applied, Commit, Form, LedgerNote, Provenance
from msgflash_gitops.planning.audit.delivery import counted
from msgflash_gitops.reports.clean import plain, quoted
from msgflash_gitops.reports.words import instance_words, value_words

_FORMS = {
    Form.OTHER: "definition changed since it was applied",
    Form.UNMARKED: "without a marker, and not as its definition",
    Form.UNKNOWN: "definition has errors now",
}
_TEXTS = ("body", "title", "description", "mediaUrl")


def days(audit: Audit, sends: Sequence[Send]) -> Iterator[tuple[date, list[Send]]]:
    """The sends by day of the project's zone."""
    zone = ZoneInfo(audit.window.timezone)
    for day, group in groupby(sends, key=lambda send: send.at.astimezone(zone).date()):
        yield day, list(group)


def local(instant: datetime, window: Window) -> datetime:
    """In the project's zone; an instant at the end of all calendars stays where it is."""
    try:
        return instant.astimezone(ZoneInfo(window.timezone))
    except OverflowError:
        return instant


def clock_words(instant: datetime, window: Window) -> str:
    """`09:00 CEST +02:00`."""
    there = local(instant, window)
    seconds = ":%S" if there.second else ""
    name, offset = there.strftime("%Z"), there.isoformat()[-6:]
    return f"{there.strftime(f'%H:%M{seconds}')} {offset if name[:1] in '+-' else f'{name} {offset}'}"


def utc_words(instant: datetime, window: Window) -> str:
    """`07:00 UTC`, with the date where it is another day there."""
    utc = instant.astimezone(ZoneInfo("UTC"))
    day = "" if utc.date() == local(instant, window).date() else f"{utc:%Y-%m-%d} "
    seconds = ":%S" if utc.second else ""
    return f"{day}{utc.strftime(f'%H:%M{seconds}')} UTC"


def day_words(day: date) -> str:
    return f"{day:%A %Y-%m-%d}"


def minute_words(instant: datetime, window: Window) -> str:
    return f"{local(instant, window):%a %Y-%m-%d %H:%M %Z}"


def window_words(window: Window) -> str:
    return f"{minute_words(window.start, window)} to {minute_words(window.end, window)} ({window.timezone})"


def coverage_words(coverage: Coverage) -> str:
    """What the audit was made from."""
    remembered, read = f"{coverage.remembered} remembered in the ledger", f"{coverage.read} read one by one"
    if coverage.listed is not None:
        more = f", {remembered}" * bool(coverage.remembered) + f", {read}" * bool(coverage.read)
        return f"Seen by the account's list of campaigns: {coverage.listed} listed{more}"
    messages = f", {coverage.messages_read} messages read" if coverage.messages_read else ""
    return f"Seen without a list of campaigns, which this API does not have: {remembered}, {read}{messages}"


def coverage_lines(coverage: Coverage) -> list[str]:
    """And what may be there all the same, a line each."""
    return [coverage_words(coverage), *(f"Blind spot: {plain(each)}" for each in coverage.blind_spots)]


def is_quiet(send: Send) -> bool:
    """Whether nothing goes out of it any more, so that it is never shown as what goes out as reviewed."""
    deleted = send.subject.status == DELETED and send.outlook is Outlook.UNKNOWN
    return deleted or send.outlook in (Outlook.NEVER, Outlook.STOPPED)


def status_words(send: Send) -> str:
    """The vendor's status, and what becomes of this send where the two differ."""
    status, outlook = send.subject.status, send.outlook
    if send.subject.state is State.IN_DOUBT:
        return "not known whether it is in the account"
    if status is None:
        return "not in the account"
    said = {"scheduled": Outlook.AHEAD, "running": Outlook.SENDING, "completed": Outlook.SENT}.get(status)
    if outlook is Outlook.NEVER:
        return f"{plain(status)}, never sent"
    if outlook in (said, Outlook.STOPPED, Outlook.UNKNOWN):
        return plain(status)
    return f"{plain(status)}, this one {outlook.value}"


def content_line(content: JsonObject, limit: int = 60) -> str:
    """What people get, in one line."""
    if "templateId" in content:
        variables = content.get("variables")
        given = variables if isinstance(variables, Mapping) else {}
        values = ", ".join(f"{plain(name)}={plain(value)}" for name, value in given.items())
        return f"template {quoted(_text(content.get('template')))}" + (f" with {values}" if values else "")
    shown = next((text for name in _TEXTS if (text := _text(content.get(name)))), "")
    kind = plain(content.get("type") or "content not shown by the API")
    return f"{kind} {quoted(shown, limit)}" if shown else kind


def sender_words(subject: Subject) -> str:
    if subject.instance is None:
        return "instance not shown"
    absent = subject.instance.number is None and subject.instance.status is None
    return f"{plain(subject.instance.label)} (not in the account)" if absent else instance_words(subject.instance)


def origin_words(audit: Audit, subject: Subject) -> str:
    """`git campaigns/a.yaml:1, 3f9a1c2b04 by Ana on 2027-03-02, applied by run 1f2e… on 2027-03-02`."""
    known = audit.provenance(subject)
    if subject.origin.value == "dashboard":
        return f"dashboard{_api_words(known, audit.window)}"
    if subject.foreign is not None:
        return f"git, project {plain(subject.foreign)}{_api_words(known, audit.window)}"
    words = f"git {plain(subject.source.path)}:{subject.source.line}" if subject.source else "git, no definition now"
    if known.commit is not None:
        words += f", {known.commit.id[:10]} by {plain(known.commit.author)} on {known.commit.date:%Y-%m-%d}"
    words += f", {_applied_words(known.applied)}" if known.applied is not None else ""
    words += f", {form}" if (form := _form_words(subject.form, known.changed_by)) else ""
    words += ", with changes that are not committed" if known.dirty else ""
    if known.ledger is not None:
        words += f", {_ledger_words(known.ledger, audit.window)}"
    elif subject.campaign is not None and known.created_at is not None:
        words += f", created {minute_words(known.created_at, audit.window)}"
    return words


def _applied_words(applied: Applied) -> str:
    """`applied from 3f9a1c2b04 (Ana, 2027-03-02)`; of a commit that is not in this clone the id alone."""
    words = f"applied from {plain(applied.commit)[:10]}"
    if applied.known is not None:
        words += f" ({plain(applied.known.author)}, {applied.known.date:%Y-%m-%d})"
    return words + (" with changes that were not committed" if applied.dirty else "")


def _form_words(form: Form | None, editor: Commit | None) -> str:
    """What keeps the last editor of a definition from being the author of what is live; empty where nothing does."""
    if editor is not None:
        return f"definition changed since by {plain(editor.author)} ({editor.id[:10]}, {editor.date:%Y-%m-%d})"
    return _FORMS.get(form, "") if form is not None else ""


def _ledger_words(note: LedgerNote, window: Window) -> str:
    """`created by run 1f2e3d4c on Tue 2027-03-02 10:00 CET`."""
    done = {"create": "created", "pause": "paused", "resume": "resumed", "cancel": "cancelled"}.get(note.operation)
    run = f" by run {plain(note.run)[:8]}" if note.run else ""
    try:
        when = minute_words(parse_instant(note.at or ""), window)
    except ValueError:
        when = "an unknown day"
    return f"{done or plain(note.operation)}{run} on {when}"


def _api_words(known: Provenance, window: Window) -> str:
    words = f", created {minute_words(known.created_at, window)}" if known.created_at else ""
    if known.updated_at is not None and known.updated_at != known.created_at:
        words += f", changed {minute_words(known.updated_at, window)}"
    return words + (f", user {plain(known.user_id)}" if known.user_id else "")


def difference_words(subject: Subject) -> list[str]:
    """`body: the account has "30 % off", git has "20 % off"`; of what is in sync, nothing."""
    if subject.state is State.IN_SYNC:
        return []
    return [
        f"{plain(each.field)}: the account has {value_words(each.before)}, git has {value_words(each.after)}"
        for each in subject.differences
    ]


def stats_words(send: Send) -> str:
    """Empty where there is nothing to count yet."""
    if not any(send.stats.values()) or send.outlook is Outlook.AHEAD:
        return ""
    return counted(send.stats)


def finding_words(finding: AuditFinding, window: Window) -> str:
    """`partial   spring (Spring), Thu 2027-04-15 09:00 CEST: completed, and …`."""
    subject = finding.subject
    if subject is None:
        place = f"{plain(finding.source.path)}:{finding.source.line}" if finding.source else ""
        return f"{plain(finding.key) + ', ' if finding.key else ''}{place}: {plain(finding.message)}"
    when = f", {minute_words(finding.at, window)}" if finding.at is not None else ""
    identity = f" [{plain(subject.campaign_id)}]" if subject.campaign_id else ""
    return f"{name_words(subject)}{identity}{when}: {plain(finding.message)}"


def name_words(subject: Subject) -> str:
    if subject.key is None or subject.key == subject.name:
        return plain(subject.name) or "(no name)"
    return f"{plain(subject.key)} ({plain(subject.name)})"


def counts_line(audit: Audit) -> str:
    """`12 sends: 9 in-sync, 2 unmanaged, 1 missing`; what is never sent is in no count."""
    counts = {
        state: sum(send.subject.state is state for send in audit.sends) for state in State if state is not State.STOPPED
    }
    parts = ", ".join(f"{count} {state.value}" for state, count in counts.items() if count)
    number = len(audit.sends)
    return f"{number} send{'' if number == 1 else 's'}{': ' if parts else ''}{parts}"


def findings_line(findings: Sequence[AuditFinding]) -> str:
    """`3 findings: 1 unmanaged, 2 overlap`."""
    counts = {kind: sum(finding.kind is kind for finding in findings) for kind in Kind}
    parts = ", ".join(f"{count} {kind.value}" for kind, count in counts.items() if count)
    number = len(findings)
    return f"{number or 'no'} finding{'' if number == 1 else 's'}{': ' if parts else ''}{parts}"


def stopped_line(audit: Audit) -> str:
    """`2 more will never be sent (…)`; empty where there is none."""
    number = len(audit.stopped)
    return (
        f"{number} more will never be sent (cancelled, deleted, failed before the start, or superseded)"
        if number
        else ""
    )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""

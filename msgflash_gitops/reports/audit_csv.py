"""An audit for a spreadsheet: UTF-8 with a byte order mark, CRLF, and no cell that is taken for a formula."""

import csv
import io

from msgflash_gitops.model.audit import Audit, Send
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.provenance import Commit
from msgflash_gitops.reports.audit_json import STATS
from msgflash_gitops.reports.audit_words import content_line, difference_words, local
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.words import recipients_words

COLUMNS = (
    *("local", "timezone", "utc", "instance", "number", "instance_status", "name", "key", "campaign_id"),
    *("origin", "state", "status", "outlook", "repeat", "recipients", "contacts", "content", "source"),
    *("commit", "author", "committed", "uncommitted_changes", "run", "applied", "created", "updated", "user"),
    *STATS,
    *("findings", "reason", "notes"),
    *("applied_commit", "applied_author", "applied_committed", "applied_uncommitted_changes"),
    *("definition_changed_since", "changed_commit", "changed_author", "changed_committed"),
    "world",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def audit_csv(audit: Audit) -> str:
    """One row for each send, then one for each that is never sent, whose state is `stopped`."""
    kinds: dict[int, list[str]] = {}
    for finding in audit.findings:
        if finding.subject is not None:
            kinds.setdefault(id(finding.subject), []).append(finding.kind.value)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for send in (*audit.sends, *audit.stopped):
        writer.writerow([cell(value) for value in _row(send, audit, kinds.get(id(send.subject), []))])
    return "\ufeff" + text.getvalue()


def cell(value: object) -> str:
    """One line without control characters; an apostrophe keeps spreadsheets from calculating it."""
    if value is None:
        return ""
    written = str(value)
    shown = plain(written)
    return f"'{shown}" if written.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def _row(send: Send, audit: Audit, kinds: list[str]) -> list[object]:
    subject, known = send.subject, audit.provenance(send.subject)
    instance, ledger, applied = subject.instance, known.ledger, known.applied
    return [
        *(f"{local(send.at, audit.window):%Y-%m-%d %H:%M:%S}", audit.window.timezone, format_instant(send.at)),
        *((instance.label, instance.number, instance.status) if instance else ("", "", "")),
        *(subject.name, subject.key, subject.campaign_id),
        *(subject.origin.value, send.state.value, subject.status, send.outlook.value, subject.repeat),
        *(recipients_words(subject.recipients), subject.recipients.get("count"), content_line(subject.content, 200)),
        f"{subject.source.path}:{subject.source.line}" if subject.source else "",
        *_commit(known.commit),
        "yes" if known.dirty else "",
        *((ledger.run, ledger.at) if ledger else ("", "")),
        *(format_instant(each) if each else "" for each in (known.created_at, known.updated_at)),
        known.user_id,
        *(send.stats.get(name) for name in STATS),
        *(", ".join(kinds), subject.reason, "; ".join((*difference_words(subject), *subject.notes, *send.notes))),
        *((applied.commit, *_commit(applied.known)[1:]) if applied else ("", "", "")),
        "yes" if applied and applied.dirty else "",
        "" if known.changed_since is None else "yes" if known.changed_since else "no",
        *_commit(known.changed_by),
        audit.coverage.world.value,
    ]


def _commit(commit: Commit | None) -> tuple[str, str, str]:
    return (commit.id, commit.author, commit.date.isoformat()) if commit else ("", "", "")

"""An audit for a comment, an issue or a step summary: findings first, then a table for each day."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgflash_gitops.model.audit import Audit, AuditFinding, Send
from msgflash_gitops.reports.audit_words import (
    clock_words,
    content_line,
    counts_line,
    coverage_lines,
    day_words,
    days,
    difference_words,
    finding_words,
    findings_line,
    minute_words,
    name_words,
    origin_words,
    sender_words,
    stats_words,
    status_words,
    stopped_line,
    utc_words,
    window_words,
)
from msgflash_gitops.reports.markdown import code, text
from msgflash_gitops.reports.words import recipients_words

_MARKER = "<!-- msgflash-gitops:audit -->"
_MOST_BYTES = 60_000


def audit_markdown(audit: Audit, failing: Sequence[AuditFinding]) -> str:
    """At most 60,000 bytes: the last days are left out first, then the last findings, and the page says so."""
    head = "\n".join(_head(audit, failing)) + "\n"
    findings = list(_findings(audit, failing))
    tables = ["\n".join(_day(day, sends, audit)) + "\n" for day, sends in days(audit, audit.sends)]
    foot = "\n".join(_foot(audit)) + "\n"
    budget = _MOST_BYTES - len((head + foot).encode()) - 400
    kept, dropped = _fitting(findings, budget)
    budget -= sum(len(line.encode()) for line in kept)
    kept_days, dropped_days = _fitting(tables, budget)
    page = head + "".join(kept)
    page += f"\n{dropped} more findings: see the JSON.\n" if dropped else ""
    page += "\n" + "".join(kept_days)
    page += f"\n{dropped_days} more days do not fit: see the HTML or JSON.\n" if dropped_days else ""
    return page + foot


def _fitting(pieces: Sequence[str], budget: int) -> tuple[list[str], int]:
    kept = []
    for piece in pieces:
        budget -= len(piece.encode())
        if budget < 0:
            break
        kept.append(piece)
    return kept, len(pieces) - len(kept)


def _head(audit: Audit, failing: Sequence[AuditFinding]) -> Iterator[str]:
    yield _MARKER
    yield f"## Audit of scheduled sends: {text(audit.project)} ({text(audit.workspace)})"
    yield ""
    yield f"{text(window_words(audit.window))}, as of {text(minute_words(audit.made_at, audit.window))}."
    yield ""
    yield f"**{text(counts_line(audit))}. {text(findings_line(audit.findings)).capitalize()}.**"
    if failing:
        yield ""
        yield f"**Fails on {text(findings_line(failing))}.**"
    yield ""
    for line in coverage_lines(audit.coverage):
        yield f"- {text(line)}"
    yield ""


def _findings(audit: Audit, failing: Sequence[AuditFinding]) -> Iterator[str]:
    if not audit.findings:
        return
    asked = {id(finding) for finding in failing}
    yield "### Findings\n\n| finding | |\n| --- | --- |\n"
    for finding in audit.findings:
        kind = f"**{finding.kind.value}**" if id(finding) in asked else finding.kind.value
        yield f"| {kind} | {text(finding_words(finding, audit.window))} |\n"


def _day(day: date, sends: Sequence[Send], audit: Audit) -> Iterator[str]:
    yield f"### {text(day_words(day))}"
    yield ""
    yield "| when | campaign | state | from | to | content | who |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for send in sends:
        subject = send.subject
        notes = [subject.reason, *difference_words(subject), *subject.notes, *send.notes]
        cells = (
            f"{text(clock_words(send.at, audit.window))}<br>{text(utc_words(send.at, audit.window))}",
            text(name_words(subject)) + (f", {text(subject.repeat)}" if subject.repeat != "none" else ""),
            "<br>".join(
                text(each) for each in (send.state.value, status_words(send), stats_words(send), *notes) if each
            ),
            text(sender_words(subject)),
            text(recipients_words(subject.recipients)),
            text(content_line(subject.content)),
            text(origin_words(audit, subject)),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _foot(audit: Audit) -> Iterator[str]:
    for notice in (*audit.notices, *((audit.blame.note,) if audit.blame.note else ())):
        yield f"\nNotice: {text(notice)}"
    if audit.stopped:
        yield f"\n{stopped_line(audit)}: see the HTML or JSON."
    if audit.commit:
        dirty = ", with changes that are not committed" if audit.dirty else ""
        yield f"\nDefinitions at {code(audit.commit.removesuffix('+dirty'))}{dirty}."

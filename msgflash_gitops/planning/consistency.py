"""Rules across definitions: each may be fine alone, together they are not."""

import difflib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from msgflash_gitops.model.definition import Definition, TemplateContent
from msgflash_gitops.model.finding import Finding, Severity, finding_at
from msgflash_gitops.model.project import Project
from msgflash_gitops.model.rules import LINTS
from msgflash_gitops.planning.canonical import canonical_json

# same-send and the lints act in `validate`; the others are the policy's, whose waivers may stand in a definition before the policy does.
WAIVABLE = frozenset(LINTS) | frozenset(
    {
        "same-send",
        "quiet-hours",
        "weekdays",
        "blackout",
        "all-recipients",
        "max-recipients",
        "require-connected",
        "max-risk",
        "spacing",
        "media-hosts",
    }
)


def check_consistency(definitions: Sequence[Definition], project: Project) -> list[Finding]:
    """Keys, pins, renames, workspaces, waivers, and sends that would reach the same people twice."""
    return [
        *_key_duplicates(definitions),
        *_pin_duplicates(definitions),
        *_renames(definitions),
        *_same_sends(definitions),
        *(finding for one in definitions for finding in _workspaces(one, project)),
        *(finding for one in definitions for finding in _waivers(one)),
    ]


def _key_duplicates(definitions: Iterable[Definition]) -> list[Finding]:
    findings = []
    first: dict[str, Definition] = {}
    for one in definitions:
        other = first.setdefault(one.key.lower(), one)
        if other is not one:
            message = f"the key {one.key!r} is taken by {other.source.at('key')}"
            if one.key != other.key:
                message += (
                    f", as {other.key!r}: keys that differ in upper and lower case alone are taken for one another"
                )
            findings.append(
                finding_at(
                    one.source.at("key"), "key-duplicate", message, hint="keys are unique in a project", key=one.key
                )
            )
    return findings


def _pin_duplicates(definitions: Iterable[Definition]) -> list[Finding]:
    findings = []
    first: dict[str, Definition] = {}
    for one in definitions:
        if one.pinned_id is None:
            continue
        other = first.setdefault(one.pinned_id.lower(), one)
        if other is not one:
            message = f"{one.pinned_id} is pinned by {other.key!r} too ({other.source.at('id')})"
            findings.append(finding_at(one.source.at("id"), "id-duplicate", message, key=one.key))
    return findings


def _renames(definitions: Sequence[Definition]) -> list[Finding]:
    keys = {one.key for one in definitions}
    claimed: dict[str, Definition] = {}
    findings = []
    for one in definitions:
        if one.renamed_from is None:
            continue
        other = claimed.setdefault(one.renamed_from, one)
        if one.renamed_from in keys or other is not one:
            who = "is still a key" if one.renamed_from in keys else f"is claimed by {other.key!r} too"
            at = one.source.at("renamed_from")
            findings.append(
                finding_at(
                    at, "renamed-from-exists", f"{one.renamed_from!r} {who}", hint="one key, one successor", key=one.key
                )
            )
    return findings


def _same_sends(definitions: Iterable[Definition]) -> list[Finding]:
    findings = []
    seen: dict[Hashable, list[Definition]] = defaultdict(list)
    for one in definitions:
        identity = _send(one)
        for other in seen[identity]:
            if _share_workspace(one, other) and not _waived(one) and not _waived(other):
                message = (
                    f"the same content goes to the same audience from {one.instance!r} at the same time "
                    f"as {other.key!r} ({other.source.at()})"
                )
                hint = "remove one of them, or waive same-send with a reason"
                findings.append(finding_at(one.source.at(), "same-send", message, hint=hint, key=one.key))
                break
        seen[identity].append(one)
    return findings


def _send(one: Definition) -> Hashable:
    """What people receive, and when; the campaign's name is not part of it."""
    recipients, content = one.recipients, one.content
    audience = (recipients.type, tuple(sorted(recipients.values)), recipients.group, recipients.group_id)
    if isinstance(content, TemplateContent):
        message = ("template", content.template, content.template_id, canonical_json(content.variables))
    else:
        message = ("direct", content.type, None, canonical_json(content.fields))
    return (one.schedule.instant, one.instance.casefold(), audience, message)


def _share_workspace(one: Definition, other: Definition) -> bool:
    return one.workspaces is None or other.workspaces is None or bool(set(one.workspaces) & set(other.workspaces))


def _waived(one: Definition) -> bool:
    return any(waiver.rule == "same-send" for waiver in one.waivers)


def _workspaces(one: Definition, project: Project) -> list[Finding]:
    known = ", ".join(sorted(project.workspaces))
    return [
        finding_at(
            one.source.at("workspaces", index),
            "workspace-unknown",
            f"msgflash.yaml has no workspace {name!r}",
            hint=f"it has {known}",
            key=one.key,
        )
        for index, name in enumerate(one.workspaces or ())
        if name not in project.workspaces
    ]


def _waivers(one: Definition) -> list[Finding]:
    return [
        finding_at(
            one.source.at("waive", index, "rule"),
            "waive-unknown",
            f"{waiver.rule!r} is no rule that can be waived",
            severity=Severity.WARNING,
            hint=_near(waiver.rule),
            key=one.key,
        )
        for index, waiver in enumerate(one.waivers)
        if waiver.rule not in WAIVABLE
    ]


def _near(rule: str) -> str:
    near = difflib.get_close_matches(rule, sorted(WAIVABLE), n=2, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"these can: {', '.join(sorted(WAIVABLE - frozenset(LINTS)))}, and the rules of content"

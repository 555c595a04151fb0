"""A document that fits the schema to a definition."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from msgflash_gitops.files.reader import Document
from msgflash_gitops.files.schemas import schema_findings
from msgflash_gitops.files.times import TimesReader
from msgflash_gitops.model.definition import (
    Audience,
    Definition,
    DirectContent,
    Recipients,
    Repeat,
    TemplateContent,
    Waiver,
)
from msgflash_gitops.model.finding import Finding, Severity, finding_at, has_errors
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.source import Source

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIRECT = ("body", "mediaUrl", "title", "description", "footer", "buttons")


def build_definition(
    document: Document, path: str, *, alone: bool, timezone: str | None
) -> tuple[Definition | None, list[Finding]]:
    """The definition where there is no error, and the findings. `alone`: the only document of its file, which names its key."""
    source = Source(path, document.line, document.column, document.positions)
    key, findings = _key(document.value, source, alone=alone)
    shape = [replace(finding, key=key) for finding in schema_findings("campaign", document, path)]
    if not isinstance(document.value, Mapping):
        return None, [*findings, *shape]
    data: Mapping[str, Any] = document.value
    repeat = _repeat(data, source, key, findings)
    reader = TimesReader(data, source, timezone, key)
    times = reader.read(repeat)
    findings += [*_said_once(shape, reader.findings), *reader.findings]
    if key is None or times is None or has_errors(findings):
        assert has_errors(findings), f"{path}:{document.line}: a definition is dropped, and nothing says why"
        return None, findings
    definition = Definition(
        key=key,
        name=data["name"],
        instance=data["instance"],
        schedule=times.schedule,
        recipients=_recipients(data["recipients"]),
        content=_content(data, document),
        source=source,
        repeat=repeat,
        until=times.until,
        paused=data.get("paused", False),
        revision=int(data.get("revision", 1)),
        renamed_from=data.get("renamed_from"),
        pinned_id=data.get("id"),
        workspaces=tuple(data["workspaces"]) if "workspaces" in data else None,
        waivers=tuple(Waiver(each["rule"], each["reason"]) for each in data.get("waive", ())),
    )
    return definition, findings


def _said_once(shape: list[Finding], times: list[Finding]) -> list[Finding]:
    """What is wrong with the form of a time, the reader of times says better, where it says something."""
    better = {(each.line, each.column) for each in times}
    return [each for each in shape if each.rule != "time-invalid" or (each.line, each.column) not in better]


def _key(value: Json, source: Source, *, alone: bool) -> tuple[str | None, list[Finding]]:
    """The key written, or the file's stem."""
    written = value.get("key") if isinstance(value, Mapping) else None
    if isinstance(written, str):
        return (written, []) if _KEY.fullmatch(written) else (None, [])
    if isinstance(value, Mapping) and "key" in value:
        return None, []
    if not alone:
        message = "the file holds several documents, and this one has no `key`"
        return None, [finding_at(source.at(), "key-missing", message, hint="give each of them a `key:`")]
    stem = PurePosixPath(source.path).stem
    if _KEY.fullmatch(stem):
        return stem, []
    message = f"the file's name {stem!r} cannot be a key: letters, digits, dot, dash and underscore, at most 64"
    return None, [finding_at(source.at(), "key-invalid", message, hint="rename the file or add `key:`")]


def _repeat(data: Mapping[str, Any], source: Source, key: str | None, findings: list[Finding]) -> Repeat:
    written = data.get("repeat", "none")
    if written == "noe":
        findings.append(
            finding_at(
                source.at("repeat"),
                "repeat-noe",
                "`noe` is read as `none`: the vendor's page misspells it",
                severity=Severity.WARNING,
                hint="write none, or leave it out",
                key=key,
            )
        )
        written = "none"
    return Repeat(written) if written in tuple(Repeat) else Repeat.NONE


def _recipients(data: Mapping[str, Any]) -> Recipients:
    values = tuple(dict.fromkeys(data.get("value", ())))
    return Recipients(Audience(data["type"]), values, data.get("group"), data.get("groupId"))


def _content(data: Mapping[str, Any], document: Document) -> TemplateContent | DirectContent:
    if "type" in data:
        return DirectContent(data["type"], {name: data[name] for name in _DIRECT if name in data})
    written = data.get("variables", {})
    variables = {name: document.texts.get(("variables", name), value) for name, value in written.items()}
    return TemplateContent(data.get("template"), data.get("templateId"), variables)

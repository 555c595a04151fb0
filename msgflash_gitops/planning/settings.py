"""What changed in the project file, and what it means for sends."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import PurePosixPath

from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.project import Policy, Project, VendorFacts
from msgflash_gitops.planning.canonical import canonical_json

_UNITS = (("d", 86400), ("h", 3600), ("m", 60))
_MEANINGS = {
    "project": "campaigns that were applied under the old name are no longer touched and still go out, and every definition "
    "is created anew beside them: people may get messages twice",
    "timezone": "every schedule without an offset is read in it: sends move",
    "campaigns": "definitions are read from another folder; what is not there any more is stopped",
    "policy.min_lead": "how far ahead a send must be when it is applied",
    "policy.late_window": "for how long a send that was missed is reported",
    "policy.max_stops": "how many campaigns one plan may stop without consent",
    "vendor.resume_keeps_schedule": "whether a campaign that is paused before its start may be resumed instead of created anew",
    "vendor.settle": "how long a campaign just created may take to show in the list",
}
_GROUPS = {
    "policy": "what plan and apply allow",
    "vendor": "what is taken for granted about MsgFlash",
    "workspaces": "which account, server and key it is",
}


@dataclass(frozen=True, slots=True)
class ProjectChange:
    """A setting of the project file, and what it means that it changed."""

    field: str
    before: Json
    after: Json
    meaning: str


def project_changes(before: Project | None, after: Project | None) -> Iterator[ProjectChange]:
    """What sends depend on, the gravest first. Nothing where one of the two is not known."""
    if before is None or after is None:
        return
    old, new = _settings(before), _settings(after)
    for name in dict.fromkeys([*old, *new]):
        if canonical_json(old.get(name)) != canonical_json(new.get(name)):
            meaning = _MEANINGS.get(name) or _GROUPS[name.partition(".")[0]]
            yield ProjectChange(name, old.get(name), new.get(name), meaning)


def _settings(project: Project) -> dict[str, Json]:
    """Flat names and values."""
    values: dict[str, Json] = {"project": project.name, "timezone": project.timezone}
    values["campaigns"] = PurePosixPath(project.campaigns).as_posix()
    for group, facts in (("policy", project.policy), ("vendor", project.vendor)):
        values |= {f"{group}.{name}": value for name, value in _facts(facts).items()}
    for name, workspace in project.workspaces.items():
        shown = {each.name: getattr(workspace, each.name) for each in fields(workspace) if each.name != "name"}
        values[f"workspaces.{name}"] = {key: value for key, value in shown.items() if value is not None}
    return values


def _facts(facts: Policy | VendorFacts) -> dict[str, Json]:
    return {each.name: _value(getattr(facts, each.name)) for each in fields(facts)}


def _value(value: object) -> Json:
    """A setting that has a form of its own is compared by what it prints."""
    if isinstance(value, timedelta):
        return _duration(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _duration(span: timedelta) -> str:
    """As it is written in the project file: `30s`, `5m`, `24h`, `7d`."""
    seconds = int(span.total_seconds())
    for unit, size in _UNITS:
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"

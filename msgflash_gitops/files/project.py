"""msgflash.yaml."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.reader import MOST_BYTES, Document, read_documents
from msgflash_gitops.files.regular import read_regular, unreadable
from msgflash_gitops.files.schemas import schema_findings
from msgflash_gitops.files.times import load_zone, near_zones
from msgflash_gitops.model.base_url import check_base_url, clean_base_url
from msgflash_gitops.model.finding import Finding, finding_at, has_errors
from msgflash_gitops.model.ledger import LedgerSettings
from msgflash_gitops.model.project import DEFAULT_BASE_URL, Policy, Project, VendorFacts, Workspace
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.model.source import Source

PROJECT_FILE = "msgflash.yaml"
# Which settings of a ledger belong to which stores.
_OF_STORES = {
    "path": ("file",),
    "remote": ("git",),
    "branch": ("git",),
    "url_env": ("postgresql", "s3", "gs", "az"),
}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def load_project(start: Path) -> Project:
    """The project of a folder: its msgflash.yaml, or the nearest above. Raises InputError with findings."""
    root = _find(start)
    try:
        data = read_regular(root / PROJECT_FILE, MOST_BYTES)
    except OSError as error:
        finding = unreadable(error, PROJECT_FILE)
        raise InputError("the project file is at fault, nothing was sent", findings=[finding]) from None
    return parse_project(data, str(root))


def parse_project(data: bytes, root: str) -> Project:
    """The project that a text describes, as the one of the folder `root`. Raises InputError with findings."""
    documents, findings = read_documents(data, PROJECT_FILE)
    findings = [finding for finding in findings if finding.rule != "empty-document"]
    if len(documents) > 1:
        findings.append(Finding("schema-type", "the project file is one document", PROJECT_FILE, documents[1].line))
    if not documents and not findings:
        findings.append(
            Finding("empty-document", "the project file holds nothing", PROJECT_FILE, hint="it needs `project: NAME`")
        )
    if documents and not findings:
        findings += schema_findings("project", documents[0], PROJECT_FILE)
        findings += [] if has_errors(findings) else _check(documents[0])
    if findings:
        raise InputError("the project file is at fault, nothing was sent", findings=findings)
    return _project(root, documents[0])


def _find(start: Path) -> Path:
    folder = start.absolute()
    for candidate in (folder, *folder.parents):
        if os.path.lexists(
            candidate / PROJECT_FILE
        ):  # whatever it is: one that cannot be read is said, not passed over
            return candidate
    raise InputError(
        f"there is no {PROJECT_FILE} in {folder} or above",
        findings=[Finding("project-missing", f"there is no {PROJECT_FILE} here or above", PROJECT_FILE)],
        hint="make one with the line `project: NAME`, or say -C DIR",
    )


def _check(document: Document) -> list[Finding]:
    data: Any = document.value
    source = Source(PROJECT_FILE, document.line, document.column, document.positions)
    findings = []
    zone = data.get("timezone")
    if zone is not None and load_zone(zone) is None:
        findings.append(
            finding_at(
                source.at("timezone"), "timezone-unknown", f"there is no time zone {zone!r}", hint=near_zones(zone)
            )
        )
    for name, workspace in data.get("workspaces", {}).items():
        fault = check_base_url(workspace["base_url"]) if "base_url" in workspace else None
        if fault is not None:
            at = source.at("workspaces", name, "base_url")
            findings.append(finding_at(at, "project-base-url", f"the base URL cannot be used: {fault}"))
    return [*findings, *_check_ledger(data.get("ledger", {}), source)]


def _check_ledger(data: Mapping[str, Any], source: Source) -> list[Finding]:
    """A setting of another store would be passed over, and the ledger sought where it is not."""
    store = data.get("store", "file")
    return [
        finding_at(
            source.at("ledger", name),
            "project-ledger",
            f"`{name}` belongs to {_or(stores)}, and the store is {store}",
            hint=f"there is one store: remove `{name}`, or say `store: {stores[0]}`",
        )
        for name, stores in _OF_STORES.items()
        if name in data and store not in stores
    ]


def _or(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _project(root: str, document: Document) -> Project:
    data: Any = document.value
    policy, vendor = data.get("policy", {}), data.get("vendor", {})
    standard, facts = Policy(), VendorFacts()
    return Project(
        root=root,
        name=data["project"],
        campaigns=data.get("campaigns", "campaigns").strip("/"),
        timezone=data.get("timezone"),
        workspaces=_workspaces(data.get("workspaces")),
        policy=Policy(
            min_lead=_duration(policy, "min_lead", standard.min_lead),
            late_window=_duration(policy, "late_window", standard.late_window),
            max_stops=policy.get("max_stops", standard.max_stops),
        ),
        formerly=tuple(data.get("formerly", ())),
        vendor=VendorFacts(
            resume_keeps_schedule=vendor.get("resume_before_start") == "keeps-schedule",
            list_gone=vendor.get("list") == "gone",
            settle=_duration(vendor, "settle", facts.settle),
        ),
        ledger=LedgerSettings(**data.get("ledger", {})),
        refresh=Refresh(data.get("refresh", Refresh.ALL)),
    )


def _workspaces(data: Mapping[str, Any] | None) -> dict[str, Workspace]:
    """Without any: one, `default`, that reads the well-known variables. With some: only what they name is read."""
    if data is None:
        default = Workspace("default", "MSGFLASH_API_KEY", "MSGFLASH_TEAM_ID", base_url_env="MSGFLASH_BASE_URL")
        return {"default": default}
    return {
        name: Workspace(
            name,
            each["api_key_env"],
            each.get("team_id_env"),
            clean_base_url(each.get("base_url", DEFAULT_BASE_URL)),
        )
        for name, each in data.items()
    }


def _duration(data: Mapping[str, Any], name: str, default: timedelta) -> timedelta:
    written = data.get(name)
    if written is None:
        return default
    found = re.fullmatch(r"(\d+)([smhd])", written)
    assert found is not None, "the schema checks the form"
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])

"""Each rule of the table happens, and is as severe as the table says: one small fault for each."""

from collections.abc import Callable
from pathlib import Path

import pytest

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.definitions import load_definitions, load_documents
from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.planning.resolve import Account, resolve
from msgflash_gitops.workflows.definitions import load_valid
from msgflash_gitops.workflows.plan import _rename_findings
from tests.docs.examples import PROJECT, whole
from tests.docs.markdown import code, page, rows

UUID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
SEVERITIES = {code(row[0]): row[1] for row in rows(page("docs/definitions.md"), "rule", "severity")}

# Parts of definitions; `---` where several are needed.
PARTS = {
    "yaml-syntax": "body: *bold*\ntype: text\n",
    "yaml-duplicate-key": "name: A\nname: B\n",
    "yaml-aliases": f"waive: [&a 1, {', '.join(['*a'] * 101)}]\n",
    "yaml-depth": f"waive: {'[' * 51}{']' * 51}\n",
    "yaml-tag": "name: !secret x\n",
    "yaml-key": "? [a, b]\n: c\n",
    "empty-document": "---\n---\n",
    "schema-type": "revision: one\n",
    "schema-required": "type: text\n",
    "schema-unknown-field": "instanceId: x\n",
    "schema-forbidden-field": "recipients: {type: all, value: [a]}\n",
    "schema-enum": "repeat: monthly\n",
    "schema-format": "name: ' A'\n",
    "schema-length": "name: ''\n",
    "content-mode": "template: Birthday\ntype: text\nbody: Hello\n",
    "instance-uuid": f"instance: {UUID}\n",
    "timezone-unknown": "timezone: Europe/Atlantis\n",
    "timezone-beside-offset": "timezone: Europe/Paris\nschedule: 2031-01-01T09:00:00Z\n",
    "time-invalid": "schedule: 2031-02-30T09:00:00\n",
    "time-nonexistent": "schedule: 2031-03-30T02:30:00\n",
    "time-ambiguous": "schedule: 2031-10-26T02:30:00\n",
    "fold-unused": "fold: later\n",
    "until-without-repeat": "until: 2032-01-01T00:00:00\n",
    "until-before-schedule": "repeat: daily\nuntil: 2030-01-01T00:00:00\n",
    "repeat-noe": "repeat: noe\n",
    "key-missing": "name: A\n---\nname: B\n",
    "key-invalid": "key: a b\n",
    "key-duplicate": "key: a\n---\nkey: a\nbody: Other\ntype: text\n",
    "same-send": "key: a\n---\nkey: b\n",
    "id-duplicate": f"key: a\nid: {UUID}\n---\nkey: b\nid: {UUID}\n",
    "renamed-from-exists": "key: a\n---\nkey: b\nrenamed_from: a\n",
    "waive-unknown": "waive: [{rule: nothing, reason: x}]\n",
    "workspace-unknown": "workspaces: [nowhere]\n",
}
FILES = {
    "file-unreadable": b"name: \xff\n",
    "file-too-large": b"#" * (1024 * 1024 + 1),
    "timezone-missing": whole("").encode(),
}
BOUTIQUE = Instance(UUID, "boutique-principale", None, "connected")
BIRTHDAY = Template(UUID, "Birthday", "text", "Happy birthday", None, ())
STAFF = Group(UUID, "Staff", 6)
GROUP = "recipients: {type: group, group: Staff}\n"
TEMPLATE = "template: Birthday\n"


def renamed(item: Instance, **changes: str) -> Instance:
    return Instance(
        changes.get("id", item.id), changes.get("name", item.name), None, changes.get("status", "connected")
    )


# A part of a definition, and the account that it does not fit.
ACCOUNTS = {
    "instance-unknown": ("", Account((renamed(BOUTIQUE, name="other"),))),
    "instance-ambiguous": ("", Account((BOUTIQUE, renamed(BOUTIQUE, id=UUID[::-1])))),
    "instance-case": ("", Account((renamed(BOUTIQUE, name="Boutique-Principale"),))),
    "instance-not-connected": ("", Account((renamed(BOUTIQUE, status="disconnected"),))),
    "template-unknown": (TEMPLATE, Account((BOUTIQUE,))),
    "template-ambiguous": (TEMPLATE, Account((BOUTIQUE,), (BIRTHDAY, BIRTHDAY))),
    "template-case": ("template: birthday\n", Account((BOUTIQUE,), (BIRTHDAY,))),
    "template-variable-missing": (
        TEMPLATE,
        Account((BOUTIQUE,), (Template(UUID, "Birthday", "text", "{{custom.code}}", None, ("custom.code",)),)),
    ),
    "template-variable-unused": (f"{TEMPLATE}variables: {{code: x}}\n", Account((BOUTIQUE,), (BIRTHDAY,))),
    "group-unknown": (GROUP, Account((BOUTIQUE,))),
    "group-ambiguous": (GROUP, Account((BOUTIQUE,), (), (STAFF, STAFF))),
    "group-case": (GROUP.replace("Staff", "STAFF"), Account((BOUTIQUE,), (), (STAFF,))),
}


def documents(text: str | bytes, *, zone: str | None = "Europe/Paris") -> list[Finding]:
    project = type(PROJECT)(PROJECT.root, PROJECT.name, timezone=zone, workspaces=PROJECT.workspaces)
    data = text if isinstance(text, bytes) else "---\n".join(whole(part) for part in text.split("---\n")).encode()
    return list(load_documents({"campaigns/a.yaml": data}, project).findings)


def link_out(folder: Path) -> list[Finding]:
    (folder / "msgflash.yaml").write_text("project: crm\n")
    (folder / "campaigns").mkdir()
    (folder / "campaigns" / "a.yaml").symlink_to("/")
    return list(load_definitions(load_project(folder)).findings)


def refused(folder: Path, text: str | None) -> list[Finding]:
    """What is wrong with a project file."""
    if text is not None:
        (folder / "msgflash.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_project(folder)
    return list(caught.value.findings)


def empty(folder: Path) -> list[Finding]:
    """What plan and apply say of a project without definitions."""
    (folder / "msgflash.yaml").write_text("project: crm\n")
    (folder / "campaigns").mkdir()
    with pytest.raises(InputError) as caught:
        load_valid(load_project(folder), "default", allow_empty=False)
    return list(caught.value.findings)


def leftover(_: Path) -> list[Finding]:
    loaded = load_documents({"campaigns/a.yaml": whole("renamed_from: old\n").encode()}, PROJECT)
    desired = resolve(loaded.definitions, Account((BOUTIQUE,)), project="crm", timezone=None).desired
    return _rename_findings(desired)


WORKSPACE = "project: crm\nworkspaces: {a: {api_key_env: KEY, base_url: 'http://example.com'}}\n"
FOLDERS: dict[str, Callable[[Path], list[Finding]]] = {
    "path-outside-project": link_out,
    "no-definitions": empty,
    "project-missing": lambda folder: refused(folder, None),
    "project-base-url": lambda folder: refused(folder, WORKSPACE),
    "project-ledger": lambda folder: refused(folder, "project: crm\nledger: {store: git, path: x}\n"),
    "renamed-from-leftover": leftover,
}


def example(rule: str, folder: Path) -> list[Finding]:
    if rule in FOLDERS:
        return FOLDERS[rule](folder)
    if rule in FILES:
        return documents(FILES[rule], zone=None)
    if rule in ACCOUNTS:
        part, account = ACCOUNTS[rule]
        loaded = load_documents({"campaigns/a.yaml": whole(part).encode()}, PROJECT)
        return list(resolve(loaded.definitions, account, project="crm", timezone=None).findings)
    text = PARTS[rule]
    return documents(text.encode() if rule in ("empty-document", "schema-required") else text)


@pytest.mark.parametrize("rule", sorted(SEVERITIES))
def test_a_rule_is_as_severe_as_the_table_says(rule: str, tmp_path: Path) -> None:
    severities = {finding.severity.value for finding in example(rule, tmp_path) if finding.rule == rule}
    assert severities == {SEVERITIES[rule]}

"""docs/sandbox.md against the sandbox."""

import dataclasses
import json
import re
import urllib.request
from typing import Any

import pytest
from starlette.routing import Route

from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox, seed
from msgflash_gitops.sandbox.app import API
from msgflash_gitops.sandbox.behaviour import FAULTS
from tests.architecture.sources import ROOT
from tests.docs.markdown import Block, blocks, code, page, rows, section
from tests.support.server import running

PAGE = page("docs/sandbox.md")
BODIES = [block for block in blocks(ROOT / "docs" / "sandbox.md") if block.language == "json"]


def routes() -> set[str]:
    sandbox = Sandbox()
    found = {
        f"{method} {route.path}"
        for route in sandbox.app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    sandbox.close()
    return found


def defaults(kind: type[Any]) -> dict[str, object]:
    return {
        field.name: "required" if field.default is dataclasses.MISSING else field.default
        for field in dataclasses.fields(kind)
    }


def listed(heading: str) -> dict[str, object]:
    """The table of fields: each default as the value that the sandbox has."""
    found: dict[str, object] = {}
    for name, default, _ in rows(section(PAGE, heading), "field", "default"):
        said = re.search(r"`([^`]+)`", default)
        try:
            found[code(name)] = json.loads(said[1]) if said else {"empty: any": ""}.get(default, default)
        except ValueError:
            assert said is not None
            found[code(name)] = said[1]
    return found


def test_every_route_is_listed() -> None:
    api = {code(row[0]) for row in rows(PAGE, "route", "")}
    control = {code(row[0]) for row in rows(PAGE, "route", "body")}
    assert {each.replace(" ", f" {API}", 1) for each in api} | control == routes()


def test_behaviour_and_its_defaults_are_listed() -> None:
    assert listed("Behaviour") == defaults(Behaviour)


def test_faults_and_their_defaults_are_listed() -> None:
    assert listed("Faults") == defaults(Fault)
    assert {code(row[0]) for row in rows(PAGE, "kind")} == FAULTS


def test_what_it_holds_at_first_is_listed() -> None:
    text = section(PAGE, "What it holds at first")
    assert [code(row[0]) for row in rows(text, "instance")] == [each[0] for each in seed.INSTANCES]
    assert [(code(row[0]), row[1]) for row in rows(text, "template")] == [each[:2] for each in seed.TEMPLATES]
    assert [(code(row[0]), int(row[1])) for row in rows(text, "group")] == [*seed.GROUPS]
    assert f"{seed.CONTACTS} contacts" in text
    for (_, _, body, _), row in zip(seed.TEMPLATES, rows(text, "template"), strict=True):
        custom = [name.removeprefix("custom.") for name in seed.placeholders(body) if name.startswith("custom.")]
        assert re.findall(r"`([^`]+)`", row[2]) == custom


def test_the_key_is_the_one_shown() -> None:
    assert f"export MSGFLASH_API_KEY={Sandbox.api_key}\n" in PAGE
    assert Sandbox.team_id in PAGE


@pytest.mark.parametrize("block", BODIES, ids=lambda block: block.name)
def test_the_bodies_shown_are_understood(block: Block) -> None:
    method, path = block.said.split()
    sandbox = Sandbox()
    try:
        with running(sandbox) as url:
            request = urllib.request.Request(url + path, block.text.encode(), method=method)
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert answer.status == 200
    finally:
        sandbox.close()

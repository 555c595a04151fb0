"""Definitions that are fine alone and not together, and what people are told of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from msgflash_gitops.model.definition import Audience, Definition, DirectContent, Recipients, TemplateContent, Waiver
from msgflash_gitops.model.project import Project, Workspace
from msgflash_gitops.model.source import FieldPath, Source
from msgflash_gitops.planning.consistency import check_consistency
from tests.support.builders import AHEAD, definition
from tests.support.findings import told

PROJECT = Project("/", "crm", workspaces={name: Workspace(name) for name in ("production", "staging")})
POSITIONS: dict[FieldPath, tuple[int, int]] = {
    ("key",): (1, 1),
    ("id",): (2, 1),
    ("renamed_from",): (3, 1),
    ("workspaces",): (4, 1),
    ("workspaces", 1): (4, 20),
    ("waive",): (5, 1),
    ("waive", 1, "rule"): (5, 30),
}
ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


def one(key: str, **changes: Any) -> Definition:
    """Each sends at another time, so that none is the same send."""
    day = timedelta(days=sum(map(ord, key)))
    return definition(key, at=AHEAD + day, source=Source(f"campaigns/{key}.yaml", 1, 1, POSITIONS), **changes)


def words(*definitions: Definition) -> list[str]:
    return told(check_consistency(definitions, PROJECT))


def test_what_has_nothing_in_common() -> None:
    assert words() == []
    assert words(one("a", pinned_id=ID, renamed_from="x"), one("b"), one("c", renamed_from="y")) == []


def test_a_key_that_is_taken() -> None:
    assert words(one("a"), one("b"), replace(one("c"), key="a")) == [
        "1:1 key-duplicate of a",
        "    the key 'a' is taken by campaigns/a.yaml:1:1",
        "    -> keys are unique in a project",
    ]


def test_keys_that_differ_in_case_alone() -> None:
    assert words(one("News"), replace(one("x"), key="news")) == [
        "1:1 key-duplicate of news",
        "    the key 'news' is taken by campaigns/News.yaml:1:1, as 'News': keys that differ in upper and lower case alone "
        "are taken for one another",
        "    -> keys are unique in a project",
    ]


def test_a_campaign_that_is_pinned_twice() -> None:
    assert words(one("a", pinned_id=ID), one("n"), one("b", pinned_id=ID.upper())) == [
        "2:1 id-duplicate of b",
        f"    {ID.upper()} is pinned by 'a' too (campaigns/a.yaml:2:1)",
    ]


def test_a_rename_from_a_key_that_is_still_there() -> None:
    assert words(one("a"), one("b", renamed_from="a")) == [
        "3:1 renamed-from-exists of b",
        "    'a' is still a key",
        "    -> one key, one successor",
    ]


def test_a_key_with_two_successors() -> None:
    assert words(one("a"), one("b", renamed_from="old"), one("c", renamed_from="old")) == [
        "3:1 renamed-from-exists of c",
        "    'old' is claimed by 'b' too",
        "    -> one key, one successor",
    ]


def test_a_workspace_that_the_project_does_not_have() -> None:
    assert words(one("a", workspaces=("staging", "test")), one("b", workspaces=("production",))) == [
        "4:20 workspace-unknown of a",
        "    msgflash.yaml has no workspace 'test'",
        "    -> it has production, staging",
    ]


def test_a_rule_that_cannot_be_waived() -> None:
    waivers = (
        Waiver("quiet-hours", "r"),
        Waiver("quiet-hour", "r"),
        Waiver("text-too-long", "r"),
        Waiver("key-duplicate", "r"),
    )
    assert words(one("a", waivers=waivers)) == [
        "5:30 waive-unknown (warning) of a",
        "    'quiet-hour' is no rule that can be waived",
        "    -> did you mean quiet-hours?",
        "5:1 waive-unknown (warning) of a",
        "    'key-duplicate' is no rule that can be waived",
        "    -> did you mean button-duplicate?",
    ]
    assert words(one("a", waivers=(Waiver("zzz", "r"),)))[-1] == (
        "    -> these can: all-recipients, blackout, max-recipients, max-risk, media-hosts, quiet-hours, require-connected, "
        "same-send, spacing, weekdays, and the rules of content"
    )


class TestSameSend:
    """The same people would get the same message twice."""

    FIRST = definition("first")

    def again(self, **changes: Any) -> Definition:
        return replace(definition("again", source=Source("campaigns/again.yaml", 7, 1)), **changes)

    def test_it_is_told_at_the_second_one(self) -> None:
        assert words(self.FIRST, one("between"), self.again()) == [
            "7:1 same-send of again",
            "    the same content goes to the same audience from 'boutique' at the same time as 'first' (campaigns/first.yaml:1:1)",
            "    -> remove one of them, or waive same-send with a reason",
        ]

    def test_each_further_one_is_told_once(self) -> None:
        said = words(self.FIRST, self.again(), self.again(key="third"))
        assert [line for line in said if "same-send of" in line] == ["7:1 same-send of again", "7:1 same-send of third"]

    def test_the_name_is_seen_by_nobody_and_the_instance_is_the_same_in_any_case(self) -> None:
        assert words(self.FIRST, self.again(name="Another", instance="Boutique"))

    def test_tags_in_another_order_are_the_same_people(self) -> None:
        both = [
            replace(self.FIRST, recipients=Recipients(Audience.TAGS, ("a", "b"))),
            self.again(recipients=Recipients(Audience.TAGS, ("b", "a"))),
        ]
        assert words(*both)

    @pytest.mark.parametrize(
        "changes",
        [
            {"instance": "other"},
            {"schedule": replace(FIRST.schedule, instant=AHEAD + timedelta(seconds=1))},
            {"recipients": Recipients(Audience.ALL)},
            {"recipients": Recipients(Audience.TAGS, ("client", "vip"))},
            {"content": DirectContent("text", {"body": "Another"})},
            {"content": DirectContent("image", {"body": "Hello"})},
            {"content": TemplateContent("Hello")},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_what_makes_it_another_send(self, changes: dict[str, object]) -> None:
        assert words(self.FIRST, self.again(**changes)) == []

    @pytest.mark.parametrize(
        ("first", "second", "same"),
        [
            (TemplateContent("A"), TemplateContent("A"), True),
            (TemplateContent("A"), TemplateContent("B"), False),
            (TemplateContent(None, "t1"), TemplateContent(None, "t1"), True),
            (TemplateContent(None, "t1"), TemplateContent(None, "t2"), False),
            (TemplateContent("A", None, {"a": 1, "b": 2}), TemplateContent("A", None, {"b": 2, "a": 1}), True),
            (TemplateContent("A", None, {"a": 1}), TemplateContent("A", None, {"a": 2}), False),
        ],
    )
    def test_templates(self, first: TemplateContent, second: TemplateContent, same: bool) -> None:
        assert bool(words(replace(self.FIRST, content=first), self.again(content=second))) is same

    @pytest.mark.parametrize(
        ("first", "second", "same"),
        [
            (Recipients(Audience.GROUP, (), "A"), Recipients(Audience.GROUP, (), "B"), False),
            (Recipients(Audience.GROUP, (), "A"), Recipients(Audience.GROUP, (), "A"), True),
            (Recipients(Audience.GROUP, (), None, "g1"), Recipients(Audience.GROUP, (), None, "g2"), False),
        ],
    )
    def test_groups(self, first: Recipients, second: Recipients, same: bool) -> None:
        assert bool(words(replace(self.FIRST, recipients=first), self.again(recipients=second))) is same

    @pytest.mark.parametrize(
        ("first", "second", "same"),
        [
            (("production",), ("staging",), False),
            (("production",), ("production", "staging"), True),
            (("production",), None, True),
            (None, ("staging",), True),
        ],
    )
    def test_in_different_accounts_it_reaches_nobody_twice(
        self, first: tuple[str, ...] | None, second: tuple[str, ...] | None, same: bool
    ) -> None:
        assert bool(words(replace(self.FIRST, workspaces=first), self.again(workspaces=second))) is same

    def test_waived_in_either_of_them(self) -> None:
        waivers = (Waiver("same-send", "a test"),)
        assert words(replace(self.FIRST, waivers=waivers), self.again()) == []
        assert words(self.FIRST, self.again(waivers=waivers)) == []
        assert words(self.FIRST, self.again(waivers=(Waiver("spacing", "else"),)))

"""Two sets of definitions, compared in meaning."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.files.definitions import load_documents
from msgflash_gitops.model.definition import (
    Audience,
    Definition,
    DirectContent,
    Recipients,
    Repeat,
    Schedule,
    TemplateContent,
    Waiver,
)
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.project import Policy, Project, VendorFacts, Workspace
from msgflash_gitops.model.source import Source
from msgflash_gitops.planning.meaning import NOT_SENT, differences
from msgflash_gitops.planning.resolve import Account, resolve
from msgflash_gitops.planning.revision import Edition, Kind, Revised, Revision, compare
from msgflash_gitops.planning.settings import project_changes
from tests.support.builders import AHEAD, INSTANCE, PROJECT, definition

PROJECT_NOW = Project("/", "crm", timezone="Europe/Paris", workspaces={"default": Workspace("default")})
LOCAL = """\
key: spring
name: Spring
instance: boutique
schedule: 2031-04-15T09:00:00
recipients: {type: tags, value: [client, vip]}
type: buttons
title: Hello
description: All of it
buttons: [{type: reply, displayText: "Yes", id: "y"}]
"""


def revision(before: list[Definition], after: list[Definition]) -> Revision:
    return compare(Edition(tuple(before)), Edition(tuple(after)))


def only(before: list[Definition], after: list[Definition]) -> Revised:
    (one,) = revision(before, after).campaigns
    return one


def read(text: str, project: Project = PROJECT_NOW, path: str = "campaigns/a.yaml") -> Edition:
    loaded = load_documents({path: text.encode()}, project)
    return Edition(loaded.definitions, loaded.findings, project)


def error(path: str, key: str | None = None) -> Finding:
    return Finding("schema-type", "wrong", path, key=key)


class TestKinds:
    def test_nothing(self) -> None:
        seen = revision([definition()], [definition()])
        assert (seen.campaigns, seen.unchanged, bool(seen)) == ((), 1, False)
        assert revision([], []).unchanged == 0

    def test_added_and_removed(self) -> None:
        seen = revision([definition("old", name="Old")], [definition("new", name="New")])
        assert {each.key: each.kind for each in seen.campaigns} == {"old": Kind.REMOVED, "new": Kind.ADDED}
        assert all(each.lookalike is None for each in seen.campaigns)

    def test_changed(self) -> None:
        one = only([definition(body="Old")], [definition(body="New", at=AHEAD + timedelta(hours=2))])
        assert (one.kind, one.moved_by, one.resends) == (Kind.CHANGED, timedelta(hours=2), True)
        assert [each.field for each in one.differences] == ["schedule", "body"]

    def test_a_file_that_was_moved_is_no_change(self) -> None:
        moved = definition(source=Source("campaigns/deep/else.yaml", 7, 3))
        assert not revision([definition()], [moved])

    def test_renamed(self) -> None:
        after = definition("new", renamed_from="old")
        one = only([definition("old")], [after])
        assert (one.kind, one.previous_key, one.differences, one.resends) == (Kind.RENAMED, "old", (), False)
        edited = only([definition("old")], [replace(after, name="Else")])
        assert [each.field for each in edited.differences] == ["name"]

    def test_a_rename_from_before_the_base_is_none(self) -> None:
        one = definition("new", renamed_from="old")
        assert not revision([one], [one])
        assert only([], [one]).kind is Kind.ADDED

    def test_the_end_of_a_rename_is_told(self) -> None:
        one = only([definition("new", renamed_from="old")], [definition("new")])
        assert (one.kind, one.differences[0].field, one.resends) == (Kind.CHANGED, "renamed_from", False)

    def test_a_key_that_stays_is_not_the_old_key_of_another(self) -> None:
        after = [definition("old"), definition("new", name="N", renamed_from="old")]
        assert only([definition("old")], after).kind is Kind.ADDED

    def test_two_that_claim_one_old_key(self) -> None:
        after = [definition(key, name=key, renamed_from="old") for key in ("one", "two")]
        kinds = {each.key: each.kind for each in revision([definition("old")], after).campaigns}
        assert kinds == {"one": Kind.RENAMED, "two": Kind.ADDED}

    def test_the_soonest_send_comes_first(self) -> None:
        after = [definition("b"), definition("a"), definition("c", at=AHEAD - timedelta(days=1))]
        assert [each.key for each in revision([], after).campaigns] == ["c", "a", "b"]


class TestLookalikes:
    """A file's name is its key where none is written: renaming the file stops one campaign and creates another."""

    def test_the_same_in_all_but_the_key(self) -> None:
        seen = revision([definition("old")], [definition("new")])
        assert {each.key: each.lookalike for each in seen.campaigns} == {"new": "old", "old": None}

    def test_the_same_name(self) -> None:
        seen = revision([definition("old", body="A")], [definition("new", body="B")])
        assert next(each for each in seen.campaigns if each.key == "new").lookalike == "old"

    def test_each_is_taken_once_and_the_same_meaning_wins(self) -> None:
        before = [definition("a", body="A"), definition("b", body="B")]
        after = [definition("x", body="B"), definition("y", body="Y"), definition("z", body="Z")]
        found = {each.key: each.lookalike for each in revision(before, after).campaigns if each.after}
        assert found == {"x": "b", "y": "a", "z": None}


class TestFaulty:
    def test_what_is_not_valid_now_is_not_taken_for_removed(self) -> None:
        for finding in (error("campaigns/else.yaml", "spring"), error("campaigns/spring.yaml")):
            seen = compare(Edition((definition(),)), Edition((), (finding,)))
            (one,) = seen.campaigns
            assert one == Revised("spring", Kind.INCOMPARABLE, definition(), reason="its definition is not valid now")

    def test_what_was_not_valid_is_not_taken_for_added(self) -> None:
        seen = compare(Edition((), (error("campaigns/spring.yaml", "spring"),)), Edition((definition(),)))
        (one,) = seen.campaigns
        assert one == Revised(
            "spring", Kind.INCOMPARABLE, after=definition(), reason="the earlier definition is not valid"
        )

    def test_faults_elsewhere_hide_nothing(self) -> None:
        seen = compare(Edition((definition(),)), Edition((), (error("campaigns/other.yaml", "other"),)))
        assert {each.key: each.kind for each in seen.campaigns} == {
            "spring": Kind.REMOVED,
            "other": Kind.INCOMPARABLE,
        }

    def test_warnings_hide_nothing(self) -> None:
        warning = replace(error("campaigns/spring.yaml", "spring"), severity=Severity.WARNING)
        assert compare(Edition((definition(),)), Edition((), (warning,))).count(Kind.REMOVED) == 1

    def test_faulty_on_both_sides(self) -> None:
        both = Edition((), (error("campaigns/spring.yaml", "spring"),))
        (one,) = compare(both, both).campaigns
        assert one == Revised("spring", Kind.INCOMPARABLE, reason="its definition is not valid now")
        (earlier,) = compare(both, Edition()).campaigns
        assert earlier == Revised("spring", Kind.INCOMPARABLE, reason="the earlier definition is not valid")

    def test_a_key_that_is_there_twice_is_compared_by_the_first(self) -> None:
        assert not revision([definition()], [definition(), definition(body="second")])


class TestMeaning:
    @pytest.mark.parametrize(
        ("what", "text"),
        [
            ("order", "\n".join(reversed(LOCAL.splitlines()))),
            ("comment", f"# note\n{LOCAL}  # end\n"),
            ("quotes", LOCAL.replace("name: Spring", "name: 'Spring'").replace('"Yes"', "'Yes'")),
            ("instant", LOCAL.replace("09:00:00", "07:00:00Z")),
            ("offset", LOCAL.replace("09:00:00", "10:00:00+03:00")),
            ("zone", LOCAL.replace("09:00:00", "09:00:00\ntimezone: Europe/Berlin")),
            ("line ends", LOCAL.replace("\n", "\r\n")),
            ("seconds", LOCAL.replace("09:00:00", "09:00")),
            ("tags", LOCAL.replace("[client, vip]", "[vip, client]")),
            ("defaults", LOCAL + "repeat: none\npaused: false\nrevision: 1\n"),
            ("noe", LOCAL + "repeat: noe\n"),
            ("block", LOCAL.replace("title: Hello", "title: |-\n  Hello")),
            (
                "order of fields within",
                LOCAL.replace(
                    '{type: reply, displayText: "Yes", id: "y"}', '{id: "y", displayText: "Yes", type: reply}'
                ),
            ),
        ],
    )
    def test_what_yaml_allows_is_no_change(self, what: str, text: str) -> None:
        before, after = read(LOCAL), read(text)
        assert len(before.definitions) == len(after.definitions) == 1, (what, after.findings)
        assert not compare(before, after), what

    def test_the_zone_of_the_project_moves_local_times(self) -> None:
        lisbon = replace(PROJECT_NOW, timezone="Europe/Lisbon")
        seen = compare(read(LOCAL), read(LOCAL, lisbon))
        assert [each.field for each in seen.project] == ["timezone"]
        assert [each.moved_by for each in seen.campaigns] == [timedelta(hours=1)]
        with_offset = LOCAL.replace("09:00:00", "09:00:00+02:00")
        assert compare(read(with_offset), read(with_offset, lisbon)).campaigns == ()

    def test_a_series_follows_the_clock_of_its_zone(self) -> None:
        at = Schedule(AHEAD, "Europe/Paris")
        before = definition(schedule=at, repeat=Repeat.WEEKLY)
        other = replace(before, schedule=Schedule(AHEAD, "Europe/Berlin"))
        assert [each.field for each in only([before], [other]).differences] == ["timezone"]
        assert not revision([replace(before, repeat=Repeat.NONE)], [replace(other, repeat=Repeat.NONE)])

    def test_one_variable_is_one_field(self) -> None:
        before = definition(content=TemplateContent("Promo", None, {"code": "A", "off": "20 %"}))
        after = definition(content=TemplateContent("Promo", None, {"code": "B", "off": "20 %", "new": "1"}))
        changes = {each.field: (each.before, each.after) for each in only([before], [after]).differences}
        assert changes == {"variables.code": ("A", "B"), "variables.new": (None, "1")}

    def test_numbers_and_truths_are_not_mixed_up(self) -> None:
        before = definition(content=TemplateContent("Promo", None, {"n": 1}))
        after = definition(content=TemplateContent("Promo", None, {"n": True}))
        assert only([before], [after]).resends


OTHER: dict[str, Callable[[Definition], Definition]] = {
    "name": lambda one: replace(one, name="Other"),
    "instance": lambda one: replace(one, instance="elsewhere"),
    "schedule": lambda one: replace(one, schedule=Schedule(AHEAD + timedelta(seconds=1))),
    "repeat": lambda one: replace(one, repeat=Repeat.DAILY),
    "until": lambda one: replace(one, until=AHEAD + timedelta(days=9)),
    "recipients": lambda one: replace(one, recipients=Recipients(Audience.ALL)),
    "type": lambda one: replace(one, content=DirectContent("image", {"mediaUrl": "https://x.example/a.png"})),
    "body": lambda one: replace(one, content=DirectContent("text", {"body": "Other"})),
    "paused": lambda one: replace(one, paused=True),
    "revision": lambda one: replace(one, revision=2),
    "renamed_from": lambda one: replace(one, renamed_from="older"),
    "id": lambda one: replace(one, pinned_id="3fa85f64-5717-4562-b3fc-2c963f66afa6"),
    "workspaces": lambda one: replace(one, workspaces=("staging",)),
    "waive": lambda one: replace(one, waivers=(Waiver("same-send", "meant"),)),
}


@pytest.mark.parametrize("field", OTHER)
def test_every_field_counts(field: str) -> None:
    before = definition()
    one = only([before], [OTHER[field](before)])
    assert field in [each.field for each in one.differences]
    assert one.resends == (field not in NOT_SENT)


def test_no_field_of_a_definition_is_forgotten() -> None:
    told = {"pinned_id": "id", "waivers": "waive", "content": "body"}
    fields = {told.get(name, name) for name in Definition.__slots__} - {"key", "source"}
    assert fields <= set(OTHER)


ZONE = "the zone of a series"
EDITS = st.lists(st.sampled_from([*sorted(OTHER), ZONE]), max_size=4)


@given(EDITS, EDITS)
def test_it_agrees_with_the_digest(one: list[str], other: list[str]) -> None:
    """`resends` is true exactly where the digest of a plan would be another one."""
    accounts = Account((INSTANCE, replace(INSTANCE, id=INSTANCE.id.replace("1", "2"), name="elsewhere")))

    def edited(edits: list[str]) -> Definition:
        made = definition()
        for edit in edits:
            made = OTHER[edit](made) if edit in OTHER else replace(made, schedule=Schedule(AHEAD, "Europe/Paris"))
        return made

    before, after = edited(one), edited(other)
    digests = [resolve([each], accounts, project=PROJECT, timezone=None).desired[0].digest for each in (before, after)]
    seen = revision([before], [after])
    assert any(each.resends for each in seen.campaigns) == (digests[0] != digests[1])
    assert bool(seen) == bool(list(differences(before, after)))


@given(st.permutations([definition(key, name=key) for key in "abcd"]), st.permutations(["b", "c", "d", "e"]))
def test_the_order_of_definitions_does_not_matter(before: list[Definition], keys: list[str]) -> None:
    after = [definition(key, name=key, body="New" if key == "b" else "Hello") for key in keys]
    seen = revision(before, after)
    assert [(each.key, each.kind.value) for each in seen.campaigns] == [
        ("a", "removed"),
        ("b", "changed"),
        ("e", "added"),
    ]
    assert seen.unchanged == 2


class TestProject:
    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("project", {"name": "other"}),
            ("timezone", {"timezone": None}),
            ("campaigns", {"campaigns": "sends"}),
            ("policy.min_lead", {"policy": Policy(min_lead=timedelta(minutes=6))}),
            ("policy.late_window", {"policy": Policy(late_window=timedelta(hours=25, seconds=1))}),
            ("policy.max_stops", {"policy": Policy(max_stops=6)}),
            ("vendor.resume_keeps_schedule", {"vendor": VendorFacts(resume_keeps_schedule=True)}),
            ("vendor.settle", {"vendor": VendorFacts(settle=timedelta(seconds=16))}),
            ("workspaces.default", {"workspaces": {"default": Workspace("default", base_url="https://else.example")}}),
            ("workspaces.new", {"workspaces": {**PROJECT_NOW.workspaces, "new": Workspace("new")}}),
            ("workspaces.default", {"workspaces": {}}),
        ],
    )
    def test_every_setting_is_told_with_its_meaning(self, field: str, change: dict[str, Any]) -> None:
        (found,) = project_changes(PROJECT_NOW, replace(PROJECT_NOW, **change))
        assert found.field == field
        assert found.meaning
        assert found.before != found.after

    def test_durations_are_written_as_in_the_file(self) -> None:
        (found,) = project_changes(PROJECT_NOW, replace(PROJECT_NOW, policy=Policy(min_lead=timedelta(hours=2))))
        assert (found.before, found.after) == ("5m", "2h")

    def test_the_folder_of_the_checkout_and_the_spelling_of_paths_are_no_change(self) -> None:
        moved = replace(PROJECT_NOW, root="/elsewhere", campaigns="./campaigns")
        assert list(project_changes(PROJECT_NOW, moved)) == []
        assert list(project_changes(None, moved)) == []

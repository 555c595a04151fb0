"""Whose a campaign is, where the ledger and the campaign's name do not say the same."""

from typing import Any

import pytest

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.memory import Memory, Remembered
from msgflash_gitops.model.plan import Action, Change, Desired
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.assemble import Decisions, decide_all
from msgflash_gitops.planning.decide import Context
from msgflash_gitops.planning.marker import Marker, mark
from msgflash_gitops.planning.match import match
from msgflash_gitops.workflows.campaigns import recalled
from tests.support.builders import AHEAD, INSTANCE, NOW, PROJECT, desired, live

ONE, OTHER = desired(), desired("summer", body="Summer")


def known(one: Desired, campaign_id: str = "c1", **changes: Any) -> Remembered:
    values: dict[str, Any] = {"digest": one.digest, "status": "scheduled", "seen_at": NOW, "start": AHEAD}
    return Remembered(campaign_id, one.key, **{**values, "instance_id": INSTANCE.id, "repeat": "none", **changes})


def decide(wanted: list[Desired], *campaigns: LiveCampaign, of: list[Remembered], **more: Any) -> Decisions:
    memory = Memory({each.id: each for each in of})
    context = Context(NOW, Policy(), memory=memory, lists=more.pop("lists", False), **more)
    return decide_all(wanted, campaigns, PROJECT, context)


def rows(changes: tuple[Change, ...]) -> list[tuple[str, Action]]:
    return sorted((each.key, each.action) for each in changes)


def named(one: Desired, key: str, project: str = PROJECT) -> str:
    return mark(one.name, Marker(project, key, one.digest))


@pytest.mark.parametrize("lists", [True, False])
def test_a_campaign_whose_name_lost_its_marker_is_whose_it_is_remembered_to_be(lists: bool) -> None:
    renamed = live(ONE, name="Renamed by hand")
    decisions = decide([ONE], renamed, of=[known(ONE)], lists=lists)
    (change,) = decisions.changes
    assert (change.action, change.current and change.current.id) == (Action.REPLACE, "c1")
    assert [(each.field, each.before, each.after) for each in change.differences] == [
        ("name", "Renamed by hand", "Spring")
    ]
    assert decisions.unmanaged == ()


def test_what_git_no_longer_has_is_stopped_without_its_marker_too() -> None:
    assert rows(decide([], live(ONE, name="Renamed by hand"), of=[known(ONE)]).changes) == [("spring", Action.STOP)]


def test_without_memory_a_lost_marker_is_nobodys() -> None:
    decisions = decide([ONE], live(ONE, name="Renamed by hand"), of=[])
    assert rows(decisions.changes) == [("spring", Action.CREATE)]
    assert [each.id for each in decisions.unmanaged] == ["c1"]


def test_of_what_was_not_read_only_what_is_remembered_can_differ() -> None:
    """The ledger keeps no name and no content."""
    remembered = known(ONE)
    (change,) = decide([ONE], recalled(remembered, PROJECT), of=[remembered]).changes
    assert (change.action, change.differences) == (Action.UNCHANGED, ())
    moved = known(ONE, start=AHEAD.replace(hour=1))
    (change,) = decide([ONE], recalled(moved, PROJECT), of=[moved]).changes
    assert [each.field for each in change.differences] == ["schedule"]


@pytest.mark.parametrize("lists", [True, False])
def test_a_marker_of_another_key_blocks_both_and_stops_nothing(lists: bool) -> None:
    campaign = live(ONE, name=named(ONE, "summer"))
    decisions = decide([ONE, OTHER], campaign, live(OTHER, campaign_id="c2"), of=[known(ONE)], lists=lists)
    assert rows(decisions.changes) == [("spring", Action.BLOCKED), ("summer", Action.BLOCKED)]
    for change in decisions.changes:
        assert change.reason == (
            f"campaign c1 is remembered for 'spring', and its name says that it is 'summer' ({campaign.name!r}): correct its "
            "name in the dashboard, or give it up with `msgflash-gitops unlink spring c1`"
        )
    assert decisions.unmanaged == ()


def test_a_contradiction_about_keys_that_git_no_longer_has_is_a_notice() -> None:
    decisions = decide([], live(ONE, name=named(ONE, "summer")), of=[known(ONE)])
    assert decisions.changes == ()
    assert [each.partition(":")[0] for each in decisions.notices] == ["spring", "summer"]


def test_a_marker_of_another_project_blocks_the_key() -> None:
    campaign = live(ONE, name=named(ONE, "spring", "shop"))
    decisions = decide([ONE], campaign, of=[known(ONE)])
    (change,) = decisions.changes
    assert change.action is Action.BLOCKED
    assert "its name says that it is 'spring' of project 'shop'" in change.reason
    assert rows(decide([ONE], campaign, of=[known(ONE)], formerly=frozenset({"shop"})).changes) == [
        ("spring", Action.UNCHANGED)
    ]


@pytest.mark.parametrize("remembered_for, bears", [("spring", "spring"), ("spring", "summer"), ("summer", "spring")])
def test_a_rename_is_no_contradiction_whichever_name_is_which(remembered_for: str, bears: str) -> None:
    """Made as `spring` and linked to `summer` after the rename, or the other way round."""
    one = desired("summer", renamed_from="spring")
    campaign = live(one, name=named(one, bears))
    decisions = decide([one], campaign, of=[known(desired(remembered_for))])
    assert rows(decisions.changes) == [("summer", Action.UNCHANGED)]
    assert decisions.notices == ()


def test_what_somebody_linked_is_the_keys_although_it_bears_no_marker() -> None:
    linked = known(ONE, digest=None, status=None, start=None)
    matches = match([ONE], [live(ONE, marked=False)], PROJECT, memory={"c1": linked})
    assert [(each.live.id, each.digest, each.differences) for each in matches.by_key["spring"]] == [("c1", None, ())]
    assert rows(decide([ONE], live(ONE, marked=False), of=[linked]).changes) == [("spring", Action.UNCHANGED)]
    assert rows(decide([], live(ONE, marked=False), of=[linked]).changes) == [("spring", Action.STOP)]

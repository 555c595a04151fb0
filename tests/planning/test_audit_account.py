"""What an audit asks the account for, and what it leaves alone."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import cast

from msgflash_gitops.errors import NotFound
from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.audit import Window
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.plan import AccountRef
from msgflash_gitops.model.project import Project
from msgflash_gitops.ports import CampaignApi
from msgflash_gitops.workflows.audit_account import MOST_LOOKED_AT, AuditedAccount, read_audited
from msgflash_gitops.workflows.plan import Scope
from tests.reports.audit_year import StillClock
from tests.support.builders import AHEAD, INSTANCE, NOW, PROJECT, desired, live

SCOPE = Scope(Project("/", PROJECT), "default", AccountRef("http://127.0.0.1"))
WEEK = Window(NOW - timedelta(days=7), NOW + timedelta(days=7), "UTC")


class ShortLists:
    """The reads of `ports.CampaignApi`, for an account whose list shows no counters. `asked` notes the calls; there are no writes."""

    def __init__(self, *campaigns: LiveCampaign, deleted: str = "") -> None:
        self._whole = {each.id: each for each in campaigns}
        self._deleted = deleted
        self.asked: list[str] = []

    async def list_campaigns(self) -> list[LiveCampaign]:
        return [replace(each, stats={}) for each in self._whole.values()]

    async def get_campaign(self, campaign_id: str) -> LiveCampaign:
        self.asked.append(campaign_id)
        if campaign_id == self._deleted:
            raise NotFound("get campaign: not found", operation="get campaign")
        return self._whole[campaign_id]

    async def list_instances(self) -> list[Instance]:
        return [INSTANCE]

    async def list_templates(self) -> list[Template]:
        self.asked.append("templates")
        return []

    async def list_groups(self) -> list[Group]:
        self.asked.append("groups")
        return []


def sent(name: str, days: float, status: str = "completed") -> LiveCampaign:
    return live(desired(name, at=NOW + timedelta(days=days)), status, campaign_id=name, stats={"planned": 9, "sent": 4})


def read(api: ShortLists, window: Window = WEEK) -> AuditedAccount:
    return asyncio.run(read_audited(cast("CampaignApi", api), StillClock(NOW), SCOPE, (), window))


def test_counters_are_asked_for_where_the_list_has_none_and_the_time_has_come() -> None:
    api = ShortLists(sent("past", -1), sent("ahead", 1, "scheduled"), sent("before", -8), sent("hangs", -8, "running"))
    account = read(api)
    assert api.asked == ["past", "hangs"]
    assert {each.id: each.stats.get("sent") for each in account.campaigns.live} == {
        **{"past": 4, "hangs": 4},
        **{"ahead": None, "before": None},
    }


def test_what_was_deleted_meanwhile_stays_as_it_was_listed() -> None:
    account = read(ShortLists(sent("past", -1), deleted="past"))
    assert [dict(each.stats) for each in account.campaigns.live] == [{}]


def test_a_notice_where_too_many_would_have_to_be_asked_for() -> None:
    api = ShortLists(*(sent(f"c{number}", -1) for number in range(MOST_LOOKED_AT + 3)))
    account = read(api)
    assert len(api.asked) == MOST_LOOKED_AT
    assert "3 campaigns were not looked at" in account.notices[0]


def test_templates_and_groups_only_where_a_campaign_names_one() -> None:
    api = ShortLists(live(desired(at=AHEAD)))
    read(api)
    assert api.asked == []
    api = ShortLists(live(desired(at=AHEAD), templateId="t1", recipients={"type": "group", "groupId": "g1"}))
    read(api)
    assert sorted(api.asked) == ["groups", "templates"]


def test_a_window_ahead_asks_for_no_counters() -> None:
    api = ShortLists(sent("hangs", -8, "running"))
    read(api, Window(NOW + timedelta(days=1), NOW + timedelta(days=2), "UTC"))
    assert api.asked == []

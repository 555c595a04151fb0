"""Keys, teams, rate and quotas, on every route alike."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from msgflash_gitops.sandbox import Behaviour, Sandbox
from tests.sandbox.api import INSTANCE, PROMO, START, TEXT, Api
from tests.support.server import running

ROUTES = [
    ("GET", "/campaigns"),
    ("POST", "/campaigns"),
    ("GET", "/campaigns/x"),
    ("POST", "/campaigns/x/pause"),
    ("POST", "/campaigns/x/resume"),
    ("POST", "/campaigns/x/cancel"),
    ("GET", "/instances"),
    ("GET", f"/instances/{INSTANCE}"),
    ("GET", f"/instances/{INSTANCE}/state"),
    ("GET", "/templates"),
    ("GET", f"/templates/{PROMO}"),
    ("GET", "/contacts"),
    ("GET", "/contacts/groups"),
    ("GET", "/usage"),
]
KEY, TEAM_KEY, TEAM = Sandbox.api_key, Sandbox.team_key, Sandbox.team_id


@pytest.mark.parametrize(
    ("key", "team", "status", "code"),
    [
        (None, None, 401, "UNAUTHORIZED"),
        ("", None, 401, "UNAUTHORIZED"),
        (KEY[:-1], None, 401, "UNAUTHORIZED"),
        (KEY + "0", None, 401, "UNAUTHORIZED"),
        ("msgf_live_" + "00" * 32, None, 401, "UNAUTHORIZED"),
        (KEY, TEAM, 403, "TEAM_KEY_REQUIRED"),
        (TEAM_KEY, None, 401, "UNAUTHORIZED"),
        (TEAM_KEY, "00000000-0000-4000-8000-000000000000", 401, "UNAUTHORIZED"),
        (None, TEAM, 401, "UNAUTHORIZED"),
    ],
)
def test_a_wrong_key_opens_no_route(url: str, key: str | None, team: str | None, status: int, code: str) -> None:
    api = Api(url, key, team)
    for method, path in ROUTES:
        refused = api.call(method, path)
        assert (refused.status, refused.code) == (status, code), path
    api.http.close()


def test_a_bearer_token_is_no_key(url: str) -> None:
    api = Api(url, None)
    assert api.call("GET", "/instances", headers={"Authorization": f"Bearer {KEY}"}).status == 401
    api.http.close()


def test_a_team_key_with_its_team_opens_all_but_the_accounts_own(url: str) -> None:
    api = Api(url, TEAM_KEY, TEAM)
    assert api.get("/instances").status == 200
    assert api.create().status == 201
    refused = api.get("/usage")
    assert (refused.status, refused.code) == (403, "TEAM_KEY_NOT_ALLOWED")
    api.http.close()


def test_a_wrong_key_counts_against_nobody(url: str, api: Api) -> None:
    stranger = Api(url, "x")
    stranger.get("/instances")
    stranger.http.close()
    assert api.get("/usage").data["usage"]["apiRequestsCount"] == 1


class TestRate:
    """Ten requests in any second, per key."""

    seconds = 0.0

    @pytest.fixture
    def api(self) -> Iterator[Api]:
        self.sandbox = Sandbox(now=lambda: START, monotonic=lambda: self.seconds)
        with running(self.sandbox) as url:
            self.url = url
            api = Api(url)
            yield api
            api.http.close()
        self.sandbox.close()

    def test_the_eleventh_in_a_second_is_refused(self, api: Api) -> None:
        assert [api.get("/instances").status for _ in range(10)] == [200] * 10
        refused = api.create()
        assert (refused.status, refused.code) == (429, "API_RATE_LIMIT_EXCEEDED")
        assert self.sandbox.campaigns() == []

    def test_the_second_slides(self, api: Api) -> None:
        for at in (0.0, 0.9):
            self.seconds = at
            assert [api.get("/instances").status for _ in range(5)] == [200] * 5
        self.seconds = 0.99
        assert api.get("/instances").status == 429
        self.seconds = 1.0
        assert [api.get("/instances").status for _ in range(6)] == [200] * 5 + [429]

    def test_another_key_has_its_own_second(self, api: Api) -> None:
        for _ in range(10):
            api.get("/instances")
        team = Api(self.url, TEAM_KEY, TEAM)
        assert team.get("/instances").status == 200
        assert api.get("/instances").status == 429
        team.http.close()

    @pytest.mark.parametrize("shown", [True, False])
    def test_retry_after_is_shown_where_that_is_asked_for(self, api: Api, shown: bool) -> None:
        self.sandbox.behaviour = Behaviour(retry_after=shown, rate_limit=1)
        api.get("/instances")
        assert api.get("/instances").headers.get("retry-after") == ("1" if shown else None)


def test_the_monthly_quota_of_requests(sandbox: Sandbox, api: Api) -> None:
    sandbox.behaviour = replace(sandbox.behaviour, monthly_requests=2)
    assert [api.get("/instances").status for _ in range(2)] == [200, 200]
    refused = api.get("/instances")
    assert (refused.status, refused.code) == (429, "MONTHLY_API_REQUEST_QUOTA_EXCEEDED")
    assert "retry-after" not in refused.headers


def test_the_monthly_quota_of_messages(sandbox: Sandbox, api: Api) -> None:
    planned = api.create().data["safety"]["audience"]["totalRecipients"]
    sandbox.behaviour = replace(sandbox.behaviour, monthly_outbound=2 * planned)
    assert api.create().status == 201
    refused = api.create()
    assert (refused.status, refused.code) == (429, "MONTHLY_OUTBOUND_QUOTA_EXCEEDED")
    assert len(sandbox.campaigns()) == 2
    usage = api.get("/usage").data
    assert usage["usage"]["effectiveOutboundUsage"] == usage["limits"]["monthlyOutboundQuota"] == 2 * planned


def test_a_plan_without_campaigns(sandbox: Sandbox, api: Api) -> None:
    sandbox.behaviour = replace(sandbox.behaviour, campaigns_on_plan=False)
    refused = api.create(TEXT)
    assert (refused.status, refused.code) == (403, "CAMPAIGNS_NOT_AVAILABLE_ON_PLAN")
    assert api.get("/usage").data["features"] == {"campaigns": False}
    assert api.get("/campaigns").status == 200

"""Where there is no list of campaigns: found out once; answers with `id` and `status` alone; messages and statistics."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from msgflash_gitops.errors import Ambiguous, ApiError, BadAnswer, NoSuchList, NotFound, Refused
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.message import CampaignStats
from msgflash_gitops.msgflash.client import Client
from tests.msgflash.client import BODY, NONE, RetryPolicy, said
from tests.msgflash.wire import Act, Received, answer, refused

MISSING = refused("NOT_FOUND", 404)
WHOLE = {"id": "c1", "name": "Spring", "status": "scheduled", "repeat": "weekly", "stats": {"planned": 3}}
ONCE = RetryPolicy(lost=1, rate_limited=1)


class TestWhetherThereIsAList:
    @pytest.mark.parametrize("missing", [MISSING, answer(b"", 404), answer(b"<html>", 405)])
    def test_is_found_out_by_one_request_and_remembered(self, missing: bytes) -> None:
        async def ask(client: Client) -> list[object]:
            found: list[object] = [await client.lists_campaigns(), await client.lists_campaigns()]
            with pytest.raises(NoSuchList, match="no list of campaigns"):
                await client.list_campaigns()
            return [*found, await client.lists_campaigns()]

        found, wire = said([missing], ask)
        assert found == [False, False, False]
        assert [each.target for each in wire.received] == ["/api/v1/campaigns?limit=1"]

    def test_a_list_that_is_there(self) -> None:
        async def ask(client: Client) -> list[object]:
            return [await client.lists_campaigns(), await client.lists_campaigns(), await client.list_campaigns()]

        found, wire = said([NONE], ask)
        assert found == [True, True, []]
        assert len(wire.received) == 2

    def test_listing_tells_as_well(self) -> None:
        async def ask(client: Client) -> list[object]:
            return [await client.list_campaigns(), await client.lists_campaigns()]

        found, wire = said([NONE], ask)
        assert found == [[], True]
        assert len(wire.received) == 1

    def test_a_list_that_was_there_is_not_missing_later(self) -> None:
        async def ask(client: Client) -> bool:
            await client.list_campaigns()
            with pytest.raises(NotFound):
                await client.list_campaigns()
            return await client.lists_campaigns()

        found, _ = said([NONE, MISSING], ask)
        assert found is True

    @pytest.mark.parametrize(
        "trouble",
        [
            refused("UNAUTHORIZED", 401),
            refused("FORBIDDEN", 403),
            refused("NOT_FOUND", 403),
            refused("TEAM_NOT_FOUND", 404),
            refused("INTERNAL_ERROR", 500),
            refused("MONTHLY_API_REQUEST_QUOTA_EXCEEDED", 429),
            answer(b"<html>"),
            answer({"data": {"message": "maintenance", "errors": []}}),
            Act.DROP,
        ],
    )
    def test_any_other_trouble_is_an_error_and_remembered_as_nothing(self, trouble: Any) -> None:
        async def ask(client: Client) -> bool:
            for call in (client.lists_campaigns, client.list_campaigns):
                with pytest.raises(ApiError) as caught:
                    await call()
                assert not isinstance(caught.value, NoSuchList)
            return await client.lists_campaigns()

        found, _ = said([trouble, trouble, NONE], ask, policy=ONCE)
        assert found is True

    def test_a_limit_that_is_refused_is_no_missing_list(self) -> None:
        found, wire = said([refused("VALIDATION_ERROR", 400), NONE], lambda client: client.lists_campaigns())
        assert found is True
        assert [each.target for each in wire.received] == ["/api/v1/campaigns?limit=1", "/api/v1/campaigns"]


WRITES: dict[str, Callable[[Client], Awaitable[Any]]] = {
    "create": lambda client: client.create_campaign(BODY),
    "pause": lambda client: client.pause_campaign("c1"),
    "resume": lambda client: client.resume_campaign("c1"),
}


def minimal(then: Any, status: str = "paused", **more: Any) -> Callable[[Received], Any]:
    """Writes are answered with `id` and `status` alone, reads as told."""
    return lambda request: (
        answer({"data": {"id": "c1", "status": status, **more}}) if request.method == "POST" else then
    )


@pytest.mark.parametrize("write", WRITES)
class TestMinimalAnswers:
    def test_are_completed_by_a_read(self, write: str) -> None:
        live, wire = said(minimal(answer({"data": WHOLE})), WRITES[write])
        assert (live.name, live.fields["repeat"], live.stats, live.partial) == (
            "Spring",
            "weekly",
            {"planned": 3},
            False,
        )
        assert [each.method for each in wire.received] == ["POST", "GET"]
        assert wire.received[1].target == "/api/v1/campaigns/c1"

    def test_keep_the_verdict_that_only_the_write_shows(self, write: str) -> None:
        live, _ = said(minimal(answer({"data": WHOLE}), safety={"decision": "warn"}), WRITES[write])
        assert live.safety == {"decision": "warn"}

    def test_are_read_again_by_the_policy_of_reads(self, write: str) -> None:
        def script(request: Received) -> Any:
            if request.method == "POST":
                return answer({"data": {"id": "c1", "status": "paused"}})
            reads.append(None)
            return answer(b"", 500) if len(reads) < 3 else answer({"data": WHOLE})

        reads: list[None] = []
        live, wire = said(script, WRITES[write])
        assert live.name == "Spring"
        assert wire.count("POST") == 1

    @pytest.mark.parametrize(
        "then", [MISSING, answer(b"", 500), answer(b"?"), Act.DROP, answer({"data": {**WHOLE, "id": "c2"}})]
    )
    def test_are_a_success_although_the_read_fails(self, write: str, then: Any) -> None:
        live, wire = said(minimal(then), WRITES[write], policy=ONCE)
        assert live == LiveCampaign("c1", "", "paused", partial=True)
        assert wire.count("POST") == 1

    def test_without_id_or_status_tell_nothing(self, write: str) -> None:
        for data in ({"id": "c1"}, {"status": "paused"}, {"id": "", "status": "paused"}, {"id": "c1", "status": None}):
            error, wire = said([answer({"data": data})], WRITES[write])
            assert isinstance(error, Ambiguous)
            assert len(wire.received) == 1


class TestOtherIds:
    @pytest.mark.parametrize("write", ["pause", "resume"])
    @pytest.mark.parametrize("data", [{**WHOLE, "id": "c2"}, {"id": "c2", "status": "paused"}])
    def test_a_write_answered_with_another_campaign_is_open(self, write: str, data: dict[str, Any]) -> None:
        error, wire = said([answer({"data": data})], WRITES[write])
        assert isinstance(error, Ambiguous)
        assert "c2" in error.message and "c1" in error.message
        assert len(wire.received) == 1

    def test_a_cancel_answered_with_another_campaign_is_open(self) -> None:
        error, _ = said([answer({"data": {"id": "c2"}})], lambda client: client.cancel_campaign("c1"))
        assert isinstance(error, Ambiguous)

    def test_a_read_answered_with_another_campaign_is_refused(self) -> None:
        error, _ = said([answer({"data": {**WHOLE, "id": "c2"}})], "get campaign")
        assert type(error) is BadAnswer
        assert "c2" in error.message and error.hint
        error, _ = said(
            [answer({"data": {"campaignId": "c2", "status": "running"}})], lambda client: client.get_stats("c1")
        )
        assert type(error) is BadAnswer

    def test_the_case_of_an_id_means_nothing(self) -> None:
        live, _ = said([answer({"data": {**WHOLE, "id": "C1"}})], "get campaign")
        assert live.id == "C1"


def test_statistics() -> None:
    moments = ("scheduledFor", "processingStartedAt", "lastEnqueuedAt", "completedAt", "cancelledAt", "lastActivityAt")
    data = {
        "campaignId": "c1",
        "status": "RUNNING",
        "stats": {"total": 9, "sent": 4, "odd": "x"},
        "progressPercent": 44.5,
        "timeline": {name: f"2027-04-15T07:00:0{second}Z" for second, name in enumerate(moments)} | {"x": 1},
    }
    stats, wire = said([answer({"data": data})], lambda client: client.get_stats("c1"))
    assert wire.received[0].target == "/api/v1/campaigns/c1/stats"
    at = [datetime(2027, 4, 15, 7, 0, second, tzinfo=UTC) for second in range(6)]
    assert stats == CampaignStats("c1", "running", {"total": 9, "sent": 4}, 44.5, *at)


@pytest.mark.parametrize(("progress", "read"), [(True, None), ("44", None), (None, None), (0, 0), (100, 100)])
def test_statistics_with_little_in_them(progress: Any, read: float | None) -> None:
    data = {"campaignId": "c1", "status": "scheduled", "progressPercent": progress, "stats": None, "timeline": []}
    stats, _ = said([answer({"data": data})], lambda client: client.get_stats("c1"))
    assert stats == CampaignStats("c1", "scheduled", {}, read)


def test_statistics_of_another_campaign_are_refused() -> None:
    data = {"campaignId": "c2", "status": "scheduled"}
    error, _ = said([answer({"data": data})], lambda client: client.get_stats("c1"))
    assert isinstance(error, BadAnswer)
    assert error.message == "get statistics: the answer is about campaign c2, asked for was c1"


def message(number: int, **more: Any) -> dict[str, Any]:
    at = f"2027-04-15T07:00:{number:02d}.000Z"
    return {
        "id": f"m{number}",
        "instanceId": "i1",
        "campaignId": f"c{number}",
        "status": "sent",
        "createdAt": at,
        **more,
    }


class TestMessages:
    def listed(self, pages: list[list[dict[str, Any]]], most_pages: int) -> tuple[Any, Any]:
        def script(request: Received) -> bytes:
            number = int(request.target.partition("cursor=n")[2] or 0)
            more = number + 1 < len(pages)
            following = f"n{number + 1}" if more else None
            return answer({"data": {"messages": pages[number], "nextCursor": following, "hasMore": more}})

        return said(script, lambda client: client.list_messages("i1", most_pages))

    def test_are_read_no_further_than_asked_for(self) -> None:
        pages = [[message(9)], [message(8)], [message(7)]]
        found, wire = self.listed(pages, 2)
        assert [each.id for each in found] == ["m9", "m8"]
        assert wire.received[0].target == "/api/v1/messages?limit=100&instanceId=i1"
        assert len(wire.received) == 2
        assert len(self.listed(pages, 9)[0]) == 3

    def test_come_newest_first_whatever_the_order(self) -> None:
        found, _ = self.listed([[message(1), message(3), message(2, createdAt=None)]], 1)
        assert [each.id for each in found] == ["m3", "m1", "m2"]
        assert found[0].created_at == datetime(2027, 4, 15, 7, 0, 3, tzinfo=UTC)
        assert (found[0].campaign_id, found[0].status) == ("c3", "sent")

    def test_of_another_instance_are_left_out(self) -> None:
        found, _ = self.listed([[message(1), message(2, instanceId="i2"), message(3, campaignId=None)]], 1)
        assert [(each.id, each.campaign_id) for each in found] == [("m3", None), ("m1", "c1")]

    def test_a_strange_answer_is_no_empty_list(self) -> None:
        strange: list[Any] = [{"data": {"errors": []}}, {"success": False, "data": {"messages": []}}, []]
        for body in strange:
            error, _ = said([answer(json.dumps(body).encode())], lambda client: client.list_messages("i1", 1))
            assert type(error) is BadAnswer

    def test_a_cursor_that_comes_back_is_found_out(self) -> None:
        page = answer({"data": {"messages": [message(1)], "nextCursor": "x", "hasMore": True}})
        error, wire = said([page], lambda client: client.list_messages("i1", 50))
        assert type(error) is BadAnswer
        assert len(wire.received) == 2

    def test_a_refusal_is_an_error(self) -> None:
        error, _ = said([refused("FORBIDDEN", 403)], lambda client: client.list_messages("i1", 1))
        assert isinstance(error, Refused)

"""The sandbox as an HTTP client sees it: requests over a real socket, status and JSON back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from msgflash_gitops.sandbox import Sandbox
from msgflash_gitops.sandbox.seed import sample_id

START = datetime(2027, 3, 1, 12, tzinfo=UTC)
INSTANCE = sample_id("instance", "boutique-principale")
PROMO = sample_id("template", "Spring promo")
GROUP = sample_id("group", "VIP Paris")
ABSENT = "00000000-0000-4000-8000-000000000000"
TEXT = {
    "instanceId": INSTANCE,
    "name": "Spring",
    "schedule": "2027-03-02T12:00:00.000Z",
    "recipients": {"type": "tags", "value": ["vip"]},
    "type": "text",
    "body": "Hello",
}
BUTTONS = {
    **{name: value for name, value in TEXT.items() if name != "body"},
    "type": "buttons",
    "title": "Choose",
    "description": "One of two",
    "footer": "Thanks",
    "buttons": [{"type": "reply", "displayText": "Yes", "id": "yes"}],
}
TEMPLATE = {
    **{name: value for name, value in TEXT.items() if name not in ("type", "body")},
    "templateId": PROMO,
    "variables": {"code": "SPRING", "discount": "10%"},
}


@dataclass(frozen=True)
class Said:
    status: int
    json: Any
    headers: httpx.Headers

    @property
    def data(self) -> Any:
        assert self.status in (200, 201), self
        return self.json["data"]

    @property
    def code(self) -> str:
        """The error's, in the documented form."""
        assert set(self.json) == {"error"}, self
        error = self.json["error"]
        assert set(error) == {"code", "message", "details"}
        assert isinstance(error["message"], str) and error["message"] and isinstance(error["details"], list)
        code: str = error["code"]
        return code

    @property
    def fields(self) -> list[str]:
        return [detail["field"] for detail in self.json["error"]["details"]]


class Api:
    """`key` and `team` None: without that header."""

    def __init__(self, url: str, key: str | None = Sandbox.api_key, team: str | None = None) -> None:
        headers = {name: value for name, value in (("x-api-key", key), ("x-team-id", team)) if value is not None}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=20, trust_env=False)

    def call(self, method: str, path: str, **options: Any) -> Said:
        answer = self.http.request(method, f"/api/v1{path}", **options)
        return Said(answer.status_code, answer.json(), answer.headers)

    def get(self, path: str, **query: Any) -> Said:
        return self.call("GET", path, params=query)

    def post(self, path: str, body: Any = None, **options: Any) -> Said:
        return self.call("POST", path, **({"json": body} if body is not None else {}), **options)

    def create(self, body: Any = TEXT, **changes: Any) -> Said:
        return self.post("/campaigns", {**body, **changes})

    def made(self, body: Any = TEXT, **changes: Any) -> str:
        """The id of a new campaign."""
        campaign_id: str = self.create(body, **changes).data["id"]
        return campaign_id

    def steer(self, path: str, body: Any = None, method: str = "POST") -> httpx.Response:
        """The sandbox's own routes, which need no key."""
        return self.http.request(method, f"/_sandbox{path}", json=body, headers={"x-api-key": ""})

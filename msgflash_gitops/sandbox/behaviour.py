"""How the sandbox behaves where the documentation leaves room, which faults it shows on request, and what it remembers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Behaviour:
    """Times are in seconds. The defaults are what the documentation says, and the worst where it says nothing.

    `list_envelope`: cursor, plain, page, nested. `list_lag`: until a campaign that was created shows in the list.
    `resume_before_start`: sends-at-once or keeps-schedule. `date_offset`: how far the Date header is off.
    `seconds_per_campaign`: how long a campaign is `running`.
    """

    list_envelope: str = "cursor"
    list_lag: float = 0.0
    supports_cancel: bool = False
    rate_limit: int = 10
    retry_after: bool = False
    resume_before_start: str = "sends-at-once"
    campaigns_on_plan: bool = True
    monthly_requests: int | None = None
    monthly_outbound: int | None = None
    date_offset: float = 0.0
    latency: float = 0.0
    seconds_per_campaign: float = 60.0


FAULTS = frozenset(
    {"drop-before", "hang-before", "status", "rate-limit", "refuse", "drop-after", "hang-after", "status-after"}
    | {"garbage", "truncated", "wrong-shape", "alter-name"}
)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next `times` requests that fit, after `skip` of them.

    Kinds. Nothing was done: `drop-before`, `hang-before`, `status` (5xx), `rate-limit`, `refuse` (`code`, `status`).
    It was done all the same: `drop-after`, `hang-after`, `status-after`, `garbage` (no JSON), `truncated`, `wrong-shape`.
    It was done otherwise: `alter-name` (the campaign's name is cut).
    `delay`: seconds of a hang, after which the request goes on.
    """

    kind: str
    method: str = "POST"
    path: str = ""
    times: int = 1
    skip: int = 0
    delay: float = 60.0
    status: int = 500
    code: str = "INTERNAL_ERROR"
    retry_after: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"no fault {self.kind!r}: there are {', '.join(sorted(FAULTS))}")
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"path is no regular expression: {error}") from None


class Faults:
    """The faults still to be shown, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[list[Any]] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append([fault, fault.skip, fault.times])

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, if there is one."""
        for entry in self._waiting:
            fault, skip, times = entry
            if fault.method != method or not re.search(fault.path, path) or times == 0:
                continue
            if skip:
                entry[1] -= 1
                continue
            entry[2] -= 1
            found: Fault = fault
            return found
        return None


@dataclass
class Seen:
    """A request that arrived; `at` in seconds of the monotonic clock, `status` None while or when nothing was answered."""

    at: float
    method: str
    path: str
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """What people received. `reason`: schedule, past (created after its time), resumed (resumed before its start)."""

    at: datetime
    campaign_id: str
    name: str
    content: Mapping[str, Any]
    recipients: Mapping[str, Any]
    reason: str

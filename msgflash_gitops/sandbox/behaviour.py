"""How the sandbox behaves where the documentation leaves room, which faults it shows on request, and what it remembers."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

_CHOICES = {
    "list_envelope": ("cursor", "plain", "page", "nested"),
    "answers": ("full", "minimal"),
    "create_answers": ("full", "minimal"),
    "resume_before_start": ("sends-at-once", "keeps-schedule"),
    "recipients_evaluated": ("at-start", "at-create"),
    "series_between_sends": ("scheduled", "completed"),
    "name_over_limit": ("refuse", "cut"),
}


@dataclass(frozen=True)
class Behaviour:
    """Times are in seconds. The defaults are what the documentation says, and the worst where it says nothing.

    `lists`: is there `GET /campaigns`. `list_envelope`: cursor, plain, page, nested. `plain_cap`: a plain list ends after
    the first so many. `list_lag`, `get_lag`: until a campaign that was created shows in the list, and by its id.
    `answers`: full or minimal (`id` and `status` alone) after pause and resume; `create_answers`: after create.
    `resume_before_start`: sends-at-once or keeps-schedule. `recipients_evaluated`: at-start or at-create.
    `series_between_sends`: scheduled or completed, and `pause_completed_series`: may it be paused then.
    `longest_name`: in characters, and `name_over_limit`: refuse or cut. `date_offset`: how far the Date header is off.
    `seconds_per_campaign`: how long a campaign is `running`.

    Raises ValueError for a value of another kind.
    """

    lists: bool = False
    list_envelope: str = "cursor"
    list_lag: float = 0.0
    plain_cap: int | None = None
    get_lag: float = 0.0
    supports_cancel: bool = False
    answers: str = "full"
    create_answers: str = "full"
    resume_before_start: str = "sends-at-once"
    recipients_evaluated: str = "at-start"
    series_between_sends: str = "scheduled"
    pause_completed_series: bool = False
    longest_name: int | None = None
    name_over_limit: str = "refuse"
    campaigns_on_plan: bool = True
    monthly_requests: int | None = None
    monthly_outbound: int | None = None
    rate_limit: int = 10
    retry_after: bool = False
    date_offset: float = 0.0
    latency: float = 0.0
    seconds_per_campaign: float = 60.0

    def __post_init__(self) -> None:
        for each in fields(self):
            _check(each.name, each.default, getattr(self, each.name))


def _check(name: str, default: Any, value: Any) -> None:
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(_CHOICES[name])}")
    elif isinstance(default, bool) or isinstance(value, bool):
        if type(value) is not type(default):
            raise ValueError(f"{name} must be {'true or false' if isinstance(default, bool) else 'a number'}")
    elif value is None and default is None:
        return
    elif not isinstance(value, int if default is None or type(default) is int else int | float):
        raise ValueError(f"{name} must be a number")
    elif not math.isfinite(value) or (value < 0 and name != "date_offset"):
        raise ValueError(f"{name} must be 0 or more")


FAULTS = frozenset(
    {"drop-before", "hang-before", "status", "rate-limit", "refuse", "drop-after", "hang-after", "status-after"}
    | {"garbage", "truncated", "wrong-shape", "alter-name"}
    | {"lie-id", "foreign-answer", "pad", "drip", "huge"}
)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next `times` requests that fit, after `skip` of them.

    Kinds. Nothing was done: `drop-before`, `hang-before`, `status` (5xx), `rate-limit`, `refuse` (`code`, `status`).
    It was done all the same: `drop-after`, `hang-after`, `status-after`, `garbage` (no JSON), `truncated`, `wrong-shape`,
    `lie-id` (the answer bears another id), `foreign-answer` (another campaign's answer), `huge` (60 MB of JSON),
    `drip` (byte after byte, `interval` apart), `pad` (white space without end, as slowly; it needs a real connection).
    It was done otherwise: `alter-name` (the campaign's name is cut).
    `delay`: seconds of a hang, after which the request goes on. `interval`: seconds between two bytes.
    """

    kind: str
    method: str = "POST"
    path: str = ""
    times: int = 1
    skip: int = 0
    delay: float = 60.0
    interval: float = 1.0
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

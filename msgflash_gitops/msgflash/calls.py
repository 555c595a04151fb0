"""The retry policy, stated: what is tried again, how often, and what is not.

Reads are tried again on anything that may pass: no connection, a lost answer, 5xx, an unreadable answer, 429 for the rate.
Writes are tried again only where the server received nothing, or said 429 for the rate; everything else that leaves their
outcome open raises Ambiguous at once. Monthly quotas are never tried again. A write that has to leave by a certain moment is
given up as soon as a wait would go beyond it.
"""

import asyncio
import email.utils
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from msgflash_gitops.errors import Ambiguous, ApiError, BadAnswer, Refused, Unreachable
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.msgflash.assumptions import DEFINITE_REFUSALS, LARGEST_LISTING, LONGEST_RETRY_AFTER
from msgflash_gitops.msgflash.body import TooManyValues, read_json
from msgflash_gitops.msgflash.budget import Budget
from msgflash_gitops.msgflash.failures import RATE_LIMIT, read_error, refusal, server_words
from msgflash_gitops.msgflash.leave import Leave
from msgflash_gitops.msgflash.pacing import HeldTooLong, Pacer, TurnTooLate
from msgflash_gitops.msgflash.transport import Answer, Lost, NotSent, Request, TooLarge, Transport
from msgflash_gitops.ports import Clock

_ODD_SERVER = "check the base URL, or try again later"
_Bounds: TypeAlias = "Leave | Budget"  # of a write, of a read


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Attempts include the first. Pauses (seconds) double from `pause` to `longest`, with up to half of it again as jitter."""

    unsent: int = 3
    lost: int = 3
    rate_limited: int = 8
    pause: float = 0.5
    longest: float = 8.0


class Calls:
    """Sends what the client asks for: paced, repeated by the policy, with the answer's JSON as result."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        pacer: Pacer,
        policy: RetryPolicy,
        jitter: Callable[[], float] = random.random,
        before_write: Callable[[], None] | None = None,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._pacer = pacer
        self._policy = policy
        self._jitter = jitter
        self._before_write = before_write
        self.clock_skew: float | None = None

    @property
    def sent(self) -> int:
        return self._transport.sent

    async def read(
        self, operation: str, path: str, query: Mapping[str, str] | None = None, whole: Budget | None = None
    ) -> Json:
        """The JSON of a GET, in `Timeouts.call` seconds at most, or in what is left of `whole`, a budget of several reads.

        Waits after a 429 count, of whichever request it was; those for our turn do not. Raises Refused and its kin, Unreachable,
        BadAnswer, ApiError.
        """
        if whole is not None:
            _check_left(operation, whole)
        call = self._transport.timeouts.call
        budget = Budget(call if whole is None else min(call, whole.left))
        try:
            return await self._read(operation, Request("GET", path, query or {}), budget)
        finally:
            if whole is not None:
                whole.spend(budget.spent, budget.held)
                whole.received += budget.received

    async def _read(self, operation: str, request: Request, budget: Budget) -> Json:
        failures = 0
        while True:
            try:
                answer = await self._exchange(operation, request, budget)
                budget.received += len(answer.body)
                return self._readable(operation, answer)
            except TooLarge as failure:
                raise BadAnswer(f"{operation}: {failure}", operation=operation, hint=_ODD_SERVER) from None
            except (Lost, _Failed) as failure:
                failures += 1
                pause = self._pause_seconds(failures)
                if failures >= self._policy.lost or pause >= budget.left:
                    raise _read_error(operation, failure, budget) from None
            await self._pause(pause, budget)

    def listing(self) -> Budget:
        """What a whole list may spend."""
        return Budget(self._transport.timeouts.listing, LARGEST_LISTING)

    async def write(
        self, operation: str, path: str, body: JsonObject | None = None, leave: Leave | None = None
    ) -> Json:
        """The JSON of a POST. Raises Refused and its kin (nothing happened), Unreachable and TooLate (nothing was sent), Ambiguous."""
        try:
            answer = await self._exchange(operation, Request("POST", path, body=body), leave or Leave())
            return self._readable(operation, answer)
        except (Lost, TooLarge, _Failed) as failure:
            raise Ambiguous(f"{operation}: {failure}", operation=operation) from None

    async def _exchange(self, operation: str, request: Request, bounds: _Bounds) -> Answer:
        """One answer that is no 429 for the rate. Raises NotSent no more: it ends in Unreachable."""
        unsent = limited = 0
        why = ""
        while True:
            await self._turn(operation, bounds, why)
            try:
                answer = await self._timed(operation, request, bounds)
            except NotSent as error:
                unsent += 1
                pause = self._pause_seconds(unsent)
                if unsent >= self._policy.unsent or (isinstance(bounds, Budget) and pause >= bounds.left):
                    raise self._unreachable(operation, error) from None
                if isinstance(bounds, Leave):
                    bounds.check_time(operation, self._clock, pause, self._away(error))
                await self._pause(pause, bounds)
                continue
            if not _is_rate_limit(answer) or limited + 1 >= self._policy.rate_limited:
                return answer
            limited += 1
            why = "MsgFlash asked to wait (HTTP 429)"
            self._pacer.hold(self._retry_after(answer, limited))

    async def _turn(self, operation: str, bounds: _Bounds, why: str) -> None:
        """Returns when the attempt may leave. Raises Refused where a 429 leaves a read no time, and what keeps a write back."""
        if isinstance(bounds, Budget):
            try:
                held = await self._pacer.turn(patience=bounds.left)
            except HeldTooLong:
                raise _held_too_long(operation, bounds) from None
            bounds.spend(held, held)
            return
        try:
            await self._pacer.turn(bounds.latest(self._clock))
        except TurnTooLate:
            raise bounds.too_late(operation, why) from None
        if self._before_write is not None:
            self._before_write()
        bounds.check(operation, self._clock)

    async def _timed(self, operation: str, request: Request, bounds: _Bounds) -> Answer:
        began = self._clock.now()
        if isinstance(bounds, Budget):
            answer = await self._within(request, bounds)
        else:
            answer = await self._transport.send(request, lambda: bounds.check_time(operation, self._clock))
        ended = self._clock.now()
        date = _http_date(answer.headers.get("date"))
        if date is not None:
            middle = began + (ended - began) / 2
            self.clock_skew = _beyond_a_second((middle - date).total_seconds(), (ended - began).total_seconds() / 2)
        return answer

    async def _within(self, request: Request, budget: Budget) -> Answer:
        """The loop's own time is the one that the transport's time-outs go by."""
        time = asyncio.get_running_loop().time
        began = time()
        try:
            return await self._transport.send(request, within=min(budget.left, self._transport.timeouts.attempt))
        finally:
            budget.spend(time() - began)

    def _unreachable(self, operation: str, error: NotSent) -> ApiError:
        return Unreachable(
            f"{operation}: {self._away(error)}", operation=operation, hint="check the network and the base URL"
        )

    def _away(self, error: NotSent) -> str:
        return f"MsgFlash cannot be reached at {self._transport.address}: {error}"

    def _readable(self, operation: str, answer: Answer) -> Json:
        """The JSON of a 2xx. Raises _Failed and TooLarge where there may have been an effect, ApiError where there was none."""
        if 300 <= answer.status < 400:
            raise ApiError(
                f"{operation}: the server redirects elsewhere (HTTP {answer.status}), which is not followed with the key",
                operation=operation,
                status=answer.status,
                hint="check the base URL",
            )
        if answer.status in DEFINITE_REFUSALS:
            raise refusal(operation, answer.status, _json_or_none(answer.body))
        if not 200 <= answer.status < 300:
            raise _Failed(server_words(answer.status, _json_or_none(answer.body)))
        try:
            return read_json(answer.body)
        except TooManyValues as error:
            raise TooLarge(f"the answer is too large: {error}") from None
        except ValueError:
            raise _Failed("the answer is not JSON") from None

    def _retry_after(self, answer: Answer, attempt: int) -> float:
        said = answer.headers.get("retry-after", "").strip()
        if said.isascii() and said.isdigit():
            return min(float(said), LONGEST_RETRY_AFTER)
        date = _http_date(said)
        if date is not None:
            return min(max((date - self._clock.now()).total_seconds(), 0.0), LONGEST_RETRY_AFTER)
        return self._pause_seconds(attempt + 1)

    async def _pause(self, seconds: float, bounds: _Bounds) -> None:
        if isinstance(bounds, Budget):
            bounds.spend(seconds)
        await self._clock.sleep(seconds)

    def _pause_seconds(self, attempt: int) -> float:
        pause: float = min(self._policy.pause * 2 ** (attempt - 1), self._policy.longest)
        return pause * (1 + self._jitter() / 2)


class _Failed(Exception):
    """An answer that tells nothing certain: 5xx, or 2xx that cannot be read."""


def _read_error(operation: str, failure: Exception, budget: Budget) -> ApiError:
    message = f"{operation}: {failure}{budget.words}"
    if isinstance(failure, _Failed) and "not JSON" in str(failure):
        return BadAnswer(message, operation=operation, hint=_ODD_SERVER)
    return ApiError(message, operation=operation, hint="try again later")


def _held_too_long(operation: str, budget: Budget) -> Refused:
    return Refused(
        f"{operation}: MsgFlash asked to wait (HTTP 429) beyond the {budget.seconds:.0f} seconds that there were for it",
        operation=operation,
        code=RATE_LIMIT,
        status=429,
        hint="try again in a minute; use one key per pipeline",
    )


def _check_left(operation: str, whole: Budget) -> None:
    """Before one more page."""
    if whole.left <= 0:
        raise ApiError(
            f"{operation}: not read whole within {whole.seconds:g} seconds{whole.words}",
            operation=operation,
            hint="try again later",
        )
    if whole.received >= whole.size:
        raise BadAnswer(
            f"{operation}: not read whole: its pages are larger than {whole.size // 1024 // 1024} MiB together",
            operation=operation,
            hint="no account is expected to hold that much: check the base URL, then ask the vendor",
        )


def _is_rate_limit(answer: Answer) -> bool:
    """Only the limit per second is worth waiting for; a 429 without a code may be a proxy's and is taken for one."""
    if answer.status != 429:
        return False
    code, _ = read_error(_json_or_none(answer.body))
    return code in (RATE_LIMIT, None)


def _json_or_none(body: bytes) -> Json:
    try:
        return read_json(body)
    except ValueError:
        return None


def _http_date(text: str | None) -> datetime | None:
    try:
        date = email.utils.parsedate_to_datetime(text or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _beyond_a_second(skew: float, uncertainty: float) -> float:
    """What is left of the skew when the header's resolution of one second and the way there and back are taken off."""
    doubt = 1.0 + uncertainty
    return 0.0 if abs(skew) <= doubt else skew

"""One HTTP request, and what can become of it. The one place that imports httpx."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from msgflash_gitops import __version__
from msgflash_gitops.errors import ApiError
from msgflash_gitops.model.base_url import is_loopback
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.msgflash.assumptions import API_PREFIX, LARGEST_ANSWER
from msgflash_gitops.msgflash.certificates import check_certificates
from msgflash_gitops.msgflash.credentials import Credentials

# Kept short, so that a POST seldom meets a connection that the server is just closing: that would be ambiguous.
_KEEPALIVE = 5.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `read` and `write` bound each silence, the others everything, so that a server that trickles holds nobody.

    `total`: one request. `attempt`: one attempt of a read, less than `call`, so that there is time for another.
    `call`: a read with all its attempts, or one page of a list. `listing`: a list with all its pages.
    What is counted against `call` and `listing`: see `budget.Budget`.
    """

    connect: float = 5.0
    read: float = 30.0
    write: float = 10.0
    total: float = 45.0
    attempt: float = 30.0
    call: float = 45.0
    listing: float = 600.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is below the API's prefix; `body` is sent as JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: JsonObject | None = None


class NotSent(Exception):
    """The connection never opened: the server received nothing."""


class Lost(Exception):
    """The request may have been received; there is no whole answer. The message says how it was lost."""


class TooLarge(Exception):
    """The answer is larger than any that is read. Asking again would bring the same."""


class Transport:
    """Sends requests with the key. No error it raises holds the request, hence none can show the key."""

    def __init__(self, client: Any, timeouts: Timeouts, address: str) -> None:
        self.address = address
        self._client = client
        self.timeouts = timeouts
        self.sent = 0

    async def send(
        self, request: Request, leaving: Callable[[], None] | None = None, within: float | None = None
    ) -> Answer:
        """Raises NotSent, Lost, TooLarge, and what `leaving` raises: it is called when a connection is there and the first byte may go.

        `within`: seconds, where there are fewer left than a request may take.
        """
        self.sent += 1
        seconds = self.timeouts.total if within is None else min(self.timeouts.total, within)
        try:
            async with asyncio.timeout(seconds):
                return await self._send(request, leaving)
        except TimeoutError:
            raise Lost(f"no whole answer within {seconds:.3g} seconds") from None

    async def _send(self, request: Request, leaving: Callable[[], None] | None) -> Answer:
        import httpx  # noqa: PLC0415 - commands that stay offline do not pay for it

        try:
            async with self._client.stream(
                request.method,
                API_PREFIX + request.path,
                params=dict(request.query),
                json=request.body,
                extensions=_watched(leaving),
            ) as response:
                return Answer(response.status_code, dict(response.headers), await _read(response))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise NotSent(_words(error)) from None
        except httpx.TimeoutException:
            raise Lost("the answer took too long") from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise Lost(f"the connection broke ({type(error).__name__})") from None


async def _read(response: Any) -> bytes:
    """The whole body, unpacked. Only one layer of packing: each further one multiplies what a small chunk may become."""
    if "," in response.headers.get("content-encoding", ""):
        raise Lost("the answer is packed in a way that is not understood")
    received = bytearray()
    async for chunk in response.aiter_bytes():
        if len(received) + len(chunk) > LARGEST_ANSWER:
            raise TooLarge(f"the answer is larger than {LARGEST_ANSWER // 1024 // 1024} MiB")
        received += chunk
    return bytes(received)


def _watched(leaving: Callable[[], None] | None) -> dict[str, Any]:
    """Opening a connection takes seconds, so the last look at the clock comes after it, right before the first byte goes."""

    async def trace(event: str, _: Any) -> None:
        if leaving is not None and event == "http11.send_request_headers.started":
            leaving()

    return {} if leaving is None else {"trace": trace}


def _words(error: Exception) -> str:
    text = str(error).strip()
    return text or type(error).__name__


@asynccontextmanager
async def open_transport(
    credentials: Credentials, timeouts: Timeouts, asgi_app: Any | None
) -> AsyncIterator[Transport]:
    """`asgi_app`: the server itself, called without a port. Raises ApiError where the machine's settings do not allow it."""
    import httpx  # noqa: PLC0415

    if asgi_app is None:
        check_certificates(credentials.base_url, os.environ)
    try:
        client = _client(httpx, credentials, timeouts, asgi_app)
    except (httpx.InvalidURL, ValueError, ImportError, OSError) as error:
        raise ApiError(
            f"the connection to MsgFlash cannot be set up ({type(error).__name__})",  # its text may hold a proxy's password
            hint="check the base URL, and HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE in the environment",
        ) from None
    async with client:
        yield Transport(client, timeouts, _address(credentials.base_url))


def _address(base_url: str) -> str:
    """Host and port, for people: a base URL holds no user name."""
    parts = urlsplit(base_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _client(httpx: Any, credentials: Credentials, timeouts: Timeouts, asgi_app: Any | None) -> Any:
    headers = {
        "x-api-key": credentials.api_key.reveal(),
        "User-Agent": f"msgflash-gitops/{__version__}",
        "Accept": "application/json",
    }
    if credentials.team_id is not None:
        headers["X-Team-Id"] = credentials.team_id
    return httpx.AsyncClient(
        base_url=credentials.base_url,
        headers=headers,
        timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect, write=timeouts.write, pool=timeouts.total),
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=_KEEPALIVE),
        follow_redirects=False,
        trust_env=not is_loopback(httpx.URL(credentials.base_url).host),
        transport=_embedded(httpx, asgi_app) if asgi_app is not None else None,
    )


def _embedded(httpx: Any, app: Any) -> Any:
    """Calls the app in this process; a ConnectionResetError out of it is a connection that broke."""

    class Embedded(httpx.ASGITransport):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            try:
                return await super().handle_async_request(request)
            except ConnectionResetError:
                raise httpx.ReadError("connection reset") from None

    return Embedded(app=app)

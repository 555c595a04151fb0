"""No request lasts for ever, and how it ended decides whether it may have landed."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager

import pytest

from msgflash_gitops.errors import Ambiguous, ApiError, Unreachable
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.msgflash.client import Client
from tests.msgflash.client import BODY, CREATED, KEY, NONE, RetryPolicy, Timeouts, said
from tests.msgflash.clocks import QuickClock
from tests.msgflash.wire import Act, Received

ONCE = RetryPolicy(lost=1, unsent=2)
LONG = 30.0
READ = Timeouts(connect=LONG, read=0.05, write=LONG, total=LONG)
TOTAL = Timeouts(connect=LONG, read=LONG, write=LONG, total=0.2)


@pytest.mark.parametrize("timeouts", [READ, TOTAL])
def test_a_server_that_says_nothing(timeouts: Timeouts) -> None:
    read, wire = said([Act.HANG], "list instances", timeouts=timeouts, policy=RetryPolicy(lost=2))
    assert type(read) is ApiError
    assert wire.count("GET") == 2
    written, wire = said([Act.HANG], "create campaign", timeouts=timeouts)
    assert isinstance(written, Ambiguous)
    assert wire.count("POST") == 1


def test_a_server_that_was_slow_once() -> None:
    found, _ = said([Act.HANG, NONE], "list instances", timeouts=READ)
    assert found == []


def test_a_server_that_answers_late_but_in_time() -> None:
    async def script(request: Received) -> bytes:
        await asyncio.sleep(0.05)
        return CREATED

    created, _ = said(script, "create campaign", timeouts=Timeouts(read=20, total=20))
    assert created.id == "c1"


@asynccontextmanager
async def trickling() -> AsyncIterator[str]:
    """Sends a byte now and then: no single wait is long, the whole never ends."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def test_the_total_bounds_a_server_that_trickles() -> None:
    async def scenario() -> Exception:
        async with trickling() as url, client_of(url, Timeouts(read=LONG, total=0.2)) as client:
            with pytest.raises(Ambiguous) as caught:
                await client.create_campaign(BODY)
            return caught.value

    assert "no whole answer within 0.2 seconds" in str(asyncio.run(scenario()))


@contextmanager
def full_house() -> Iterator[str]:
    """A listener whose queue is full and who accepts nobody: the connection never opens."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"


@asynccontextmanager
async def client_of(url: str, timeouts: Timeouts, policy: RetryPolicy = ONCE) -> AsyncIterator[Client]:
    async with open_client(Credentials(url, Secret(KEY)), QuickClock(), timeouts=timeouts, policy=policy) as client:
        yield client


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_connection_that_never_opens_is_not_ambiguous_and_tried_again(method: str) -> None:
    async def scenario(url: str) -> int:
        async with client_of(url, Timeouts(connect=0.1, read=LONG, total=LONG)) as client:
            with pytest.raises(Unreachable):
                await (client.create_campaign(BODY) if method == "POST" else client.list_instances())
            return client.requests

    with full_house() as url:
        assert asyncio.run(scenario(url)) == ONCE.unsent


def test_one_hanging_request_does_not_hold_the_others() -> None:
    def script(request: Received) -> bytes | Act:
        return Act.HANG if request.method == "POST" else NONE

    async def both(client: Client) -> list[object]:
        hanging = asyncio.create_task(client.create_campaign(BODY))
        found = await client.list_instances()
        assert not hanging.done()
        hanging.cancel()
        return [found, *await asyncio.gather(hanging, return_exceptions=True)]

    (found, cancelled), _ = said(script, both, timeouts=Timeouts(read=LONG, total=LONG))
    assert found == []
    assert isinstance(cancelled, asyncio.CancelledError)


def test_the_defaults_are_finite_and_ordered() -> None:
    defaults = Timeouts()
    assert 0 < defaults.connect <= defaults.read <= defaults.total <= 60
    assert defaults.attempt < defaults.call < defaults.listing, "there is time for a second attempt, and for many pages"

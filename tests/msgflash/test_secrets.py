"""The key goes to one server, in one header, and shows nowhere."""

import asyncio
import copy
import logging
import pickle
import traceback
from collections.abc import Callable

import pytest

from msgflash_gitops.errors import ApiError
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from tests.msgflash.client import CALLS, KEY, NONE, TEAM_ID, TEAM_KEY, RetryPolicy, Timeouts, said, talking
from tests.msgflash.clocks import QuickClock
from tests.msgflash.wire import Act, Said, answer, refused, serving

QUICK = Timeouts(connect=0.2, read=0.1, write=0.2, total=0.3)
TROUBLES: dict[str, Said] = {
    "fine": NONE,
    "dropped": Act.DROP,
    "hangs": Act.HANG,
    "refused": refused("UNAUTHORIZED", 401),
    "broken": answer(b"", 500),
    "garbage": answer(b"<html>"),
    "redirect": answer(b"", 302, location="http://127.0.0.1:1/"),
    "no HTTP": b"hello\r\n\r\n",
}


@pytest.mark.parametrize("call", ["list campaigns", "create campaign"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_neither_logs_nor_errors_nor_tracebacks_show_the_key(
    trouble: str, call: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    result, wire = said([TROUBLES[trouble]], call, timeouts=QUICK, policy=RetryPolicy(lost=1, rate_limited=1))
    assert wire.received[0].headers["x-api-key"] == KEY
    assert any(record.name.startswith("http") for record in caplog.records), "the library logs, and was listened to"
    shown = caplog.text + repr(result) + str(result)
    if isinstance(result, Exception):
        shown += "".join(traceback.TracebackException.from_exception(result, capture_locals=True).format())
        shown += repr(vars(result))
    assert KEY not in shown


def test_no_object_of_the_client_shows_the_key() -> None:
    async def scenario() -> str:
        async with talking([NONE]) as (client, _):
            calls = client._calls
            return repr([client, vars(client), calls, vars(calls), vars(calls._transport)])

    assert KEY not in asyncio.run(scenario())


SHOWING: list[Callable[[object], str]] = [
    repr,
    str,
    ascii,
    lambda it: f"{it}",
    lambda it: f"{it!r:>90}",
    "{}".format,
]


@pytest.mark.parametrize("show", SHOWING)
def test_a_secret_shows_in_no_form(show: Callable[[object], str]) -> None:
    secret = Secret(KEY)
    for each in (secret, [secret], Credentials("https://srv.msgflash.com", secret)):
        text = show(each) if not isinstance(each, list) else repr(each)
        assert KEY not in text and "5a5a" not in text


def test_a_secret_is_compared_and_revealed_and_never_pickled() -> None:
    secret = Secret(KEY)
    assert secret == Secret(KEY) != Secret(KEY + "0")
    assert hash(secret) == hash(Secret(KEY))
    assert secret != KEY
    assert secret.reveal() == KEY
    for leave in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(secret)
    assert not hasattr(secret, "__dict__")


class TestHeaders:
    @pytest.mark.parametrize("call", CALLS)
    def test_a_personal_key_stands_alone(self, call: str) -> None:
        _, wire = said([NONE], call)
        (request,) = wire.received[:1]
        assert request.headers["x-api-key"] == KEY
        assert "authorization" not in request.headers
        assert "x-team-id" not in request.headers
        assert request.headers["user-agent"].startswith("msgflash-gitops/")
        assert KEY not in request.target and KEY.encode() not in request.body

    def test_a_team_key_comes_with_its_team(self) -> None:
        async def scenario() -> dict[str, str]:
            async with serving([NONE]) as wire:
                async with open_client(Credentials(wire.url, Secret(TEAM_KEY), TEAM_ID), QuickClock()) as client:
                    await client.list_instances()
                return dict(wire.received[0].headers)

        headers = asyncio.run(scenario())
        assert (headers["x-api-key"], headers["x-team-id"]) == (TEAM_KEY, TEAM_ID)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", ["list instances", "create campaign"])
def test_a_redirect_takes_the_key_nowhere(call: str, status: int) -> None:
    async def scenario() -> int:
        async with serving([NONE]) as elsewhere:
            said_there = answer(b"", status, location=f"{elsewhere.url}/api/v1/instances")
            async with talking([said_there]) as (client, _):
                with pytest.raises(ApiError):
                    await CALLS[call](client)
            return len(elsewhere.received)

    assert asyncio.run(scenario()) == 0


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_loopback_is_never_reached_through_a_proxy(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> tuple[int, int]:
        async with serving([NONE]) as proxy:
            monkeypatch.setenv(variable, proxy.url)
            async with talking([NONE]) as (client, wire):
                await client.list_instances()
                return len(proxy.received), len(wire.received)

    assert asyncio.run(scenario()) == (0, 1)


def test_a_proxy_is_used_for_the_vendor_and_sees_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy refuses the tunnel: the server received nothing, which is not ambiguous."""

    async def scenario() -> tuple[str, str]:
        async with serving([answer(b"", 407)]) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//user:hunter2@"))
            async with open_client(Credentials("https://srv.msgflash.com", Secret(KEY)), QuickClock()) as client:
                with pytest.raises(ApiError) as caught:
                    await client.create_campaign({"name": "Spring"})
            assert type(caught.value).__name__ == "Unreachable"
            return str(caught.value), repr(proxy.received)

    message, seen = asyncio.run(scenario())
    assert "CONNECT" in seen and "srv.msgflash.com:443" in seen
    assert KEY not in seen and "hunter2" not in message


def test_https_is_spoken_before_the_key_is_sent() -> None:
    """A server that does not speak TLS gets a handshake and nothing else."""

    async def scenario() -> bytes:
        received = bytearray()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            received.extend(await reader.read(4096))
            writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with open_client(Credentials(url, Secret(KEY)), QuickClock()) as client:
            with pytest.raises(ApiError, match="cannot be reached"):
                await client.create_campaign({"name": "Spring"})
        server.close()
        return bytes(received)

    received = asyncio.run(scenario())
    assert received
    assert KEY.encode() not in received


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HTTPS_PROXY", "socks5://user:hunter2@127.0.0.1:1"),
        ("HTTPS_PROXY", "gopher://user:hunter2@127.0.0.1:1"),
        ("ALL_PROXY", "http://user:hunter2@[::"),
        ("NO_PROXY", "[::"),
    ],
)
def test_settings_of_the_machine_that_cannot_be_used_are_named(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    async def scenario() -> None:
        async with open_client(Credentials("https://srv.msgflash.com", Secret(KEY)), QuickClock()):
            pass

    with pytest.raises(ApiError, match="cannot be set up") as caught:
        asyncio.run(scenario())
    assert variable in (caught.value.hint or "")
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("host", ["é..com", "xn--.com", "\u2024"])
def test_a_host_that_cannot_exist_is_an_error_of_ours(host: str) -> None:
    async def scenario() -> None:
        async with open_client(Credentials(f"https://{host}", Secret(KEY)), QuickClock()):
            pass

    with pytest.raises(ApiError, match="cannot be set up"):
        asyncio.run(scenario())

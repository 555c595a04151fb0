"""The suite's guard lets nothing out of this machine, by whatever door, and loopback in."""

import asyncio
import socket
import urllib.request

import httpx
import pytest

from msgflash_gitops.msgflash import Credentials, Secret, SystemClock, open_client
from tests.conftest import NetworkIsOff

# The libraries do not close their socket for an error that is none of the operating system's.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
# Addresses for documentation (RFC 5737, RFC 3849): nobody answers there, should the guard ever fail.
ELSEWHERE = [(socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"), (socket.AF_INET, "srv.msgflash.example")]


@pytest.mark.parametrize(("family", "host"), ELSEWHERE)
def test_a_socket_is_stopped(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as tried, pytest.raises(NetworkIsOff, match=host):
        tried.connect((host, 443))


def test_a_datagram_socket_is_stopped() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried, pytest.raises(NetworkIsOff):
        tried.connect(("192.0.2.1", 53))


def test_the_standard_library_is_stopped() -> None:
    with pytest.raises(NetworkIsOff):
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open("http://192.0.2.1/", timeout=1)
    with pytest.raises(NetworkIsOff):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_asyncio_is_stopped() -> None:
    with pytest.raises(NetworkIsOff):
        asyncio.run(asyncio.wait_for(asyncio.open_connection("192.0.2.1", 80), 5))


def test_the_http_library_is_stopped() -> None:
    with pytest.raises(NetworkIsOff):
        httpx.get("http://192.0.2.1/", timeout=1, trust_env=False)


def test_our_client_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    async def scenario() -> None:
        credentials = Credentials("https://192.0.2.1", Secret("msgf_live_" + "5a" * 32))
        async with open_client(credentials, SystemClock()) as client:
            await client.list_instances()

    with pytest.raises(BaseException) as caught:
        asyncio.run(scenario())
    assert innermost(caught.value) is NetworkIsOff


def innermost(error: BaseException) -> type[BaseException]:
    """Connections are tried in groups, whose errors come in groups."""
    while isinstance(error, BaseExceptionGroup):
        (error,) = error.exceptions
    return type(error)


@pytest.mark.parametrize("door", ["connect_ex", "sendto"])
def test_the_other_doors_are_shut_too(door: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
        tried.setblocking(False)
        with pytest.raises(NetworkIsOff):
            if door == "sendto":
                tried.sendto(b"", ("192.0.2.1", 9))
            else:
                tried.connect_ex(("192.0.2.1", 9))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_open(host: str) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with socket.create_connection((host, listening.getsockname()[1]), timeout=5) as connected:
            assert connected.getpeername()[0] == "127.0.0.1"

"""A variable that names certificates which are not there is named, with its value."""

import asyncio
import os
from pathlib import Path

import certifi
import pytest

from msgflash_gitops.errors import ApiError
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.msgflash.transport import _address
from tests.msgflash.client import KEY, NONE, said
from tests.msgflash.clocks import QuickClock


@pytest.fixture(autouse=True)
def none_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(variable, raising=False)


def opened(url: str = "https://srv.msgflash.com") -> None:
    async def scenario() -> None:
        async with open_client(Credentials(url, Secret(KEY)), QuickClock()):
            pass

    asyncio.run(scenario())


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_what_does_not_exist_is_named(variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "gone"
    monkeypatch.setenv(variable, str(missing))
    with pytest.raises(ApiError) as caught:
        opened()
    assert f"{variable} is '{missing}'" in caught.value.message
    assert "no such file exists" in caught.value.message or "no folder is there" in caught.value.message
    assert variable in (caught.value.hint or "")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "no certificates"), (b"hello", "no certificates"), (b"\xff" * 99, "no certificates")]
)
def test_a_file_without_certificates(
    content: bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(ApiError, match=words):
        opened()


def test_a_folder_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path))
    with pytest.raises(ApiError, match="it is no file"):
        opened()


def test_what_is_there_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "gone"))
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    opened()
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'gone'}{os.pathsep}{tmp_path}")
    monkeypatch.setenv("SSL_CERT_FILE", "")
    opened()


def test_loopback_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/does/not/exist")
    opened("https://localhost:9")
    assert said([NONE], "list instances")[0] == []


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://srv.msgflash.com", "srv.msgflash.com:443"),
        ("https://srv.msgflash.com:8443/x", "srv.msgflash.com:8443"),
        ("http://127.0.0.1", "127.0.0.1:80"),
        ("http://[::1]:81", "[::1]:81"),
        ("https://user:hunter2@srv.msgflash.com", "srv.msgflash.com:443"),
    ],
)
def test_the_address_that_errors_name(url: str, address: str) -> None:
    assert _address(url) == address

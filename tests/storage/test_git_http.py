"""The git store over HTTP, with the credentials that a CI job's checkout leaves in the repository's configuration."""

import asyncio
from pathlib import Path

import pytest

from msgflash_gitops.errors import HeadMoved, LedgerError, LedgerLost
from msgflash_gitops.storage.ledger.git import GitStore
from tests.storage import servers
from tests.storage.git_http import READER, WRITER, git_over_http


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credential helper, no proxy, no identity."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.delenv(name, raising=False)


def checkout(bare: Path, url: str, authorization: str | None) -> GitStore:
    """As actions/checkout does it: shallow, detached, the token as a header in the local configuration."""
    folder = servers.clone(bare, "ci", "--depth=1")
    servers.git(folder, "checkout", "--quiet", "--detach")
    servers.git(folder, "remote", "set-url", "origin", url)
    if authorization is not None:
        origin = url.rpartition("/")[0]
        servers.git(folder, "config", f"http.{origin}/.extraheader", f"AUTHORIZATION: {authorization}")
    return GitStore(folder, project="crm", workspace="default", remote="origin", branch="msgflash-ledger")


def test_the_header_of_the_checkout_is_used(bare: Path) -> None:
    async def scenario(url: str) -> None:
        store = checkout(bare, url, WRITER)
        assert await store.read() == []
        await store.append(0, [b"one"])
        await store.append(1, [b"two"])
        assert await store.read() == [b"one", b"two"]

    with git_over_http(bare) as url:
        asyncio.run(scenario(url))
    assert "msgflash-ledger" in servers.git(bare, "branch")


def test_without_a_token_nothing_is_asked_and_it_says_so(bare: Path) -> None:
    with git_over_http(bare) as url, pytest.raises(LedgerError, match=r"cannot be read: .*could not read Username"):
        asyncio.run(checkout(bare, url, None).read())


def test_a_token_that_may_only_read_is_a_refusal_with_a_hint(bare: Path) -> None:
    with git_over_http(bare) as url, pytest.raises(LedgerError, match="403") as caught:
        asyncio.run(checkout(bare, url, READER).append(0, [b"one"]))
    assert not isinstance(caught.value, HeadMoved | LedgerLost)
    assert "contents: write" in str(caught.value.hint)

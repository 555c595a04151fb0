"""The ledger as objects of a bucket: an append is one object, named by its first line's number, that must not exist yet.

    <prefix>/<project>/<workspace>/000000000012.jsonl    lines 12 and on, as many as were appended together

The conditional put decides which of two appends lands. That is enough, because an append goes onto the end of a ledger that its
writer has read: an object with the next number exists if and only if somebody else was first.
"""

import asyncio
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from obstore import exceptions
from obstore.store import from_url

from msgflash_gitops.errors import HeadMoved, LedgerError, LedgerLost

_AT_ONCE = 32
_PAGE = 256
_LOSSES = 3
_NAME = re.compile(r"(\d{12})\.jsonl")
_QUERY = re.compile(r"\?[^\s\"'),]*")
_RETRY: dict[str, Any] = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
_open: Any = from_url  # typed per cloud, and it is told by the URL here
_CLIENT: dict[str, Any] = {"timeout": "30s", "connect_timeout": "10s"}


class ObjectStore:
    """Implements `ports.LedgerStore`. Credentials come from the environment, as the cloud's own tools read them."""

    def __init__(self, kind: str, url: str, *, project: str, workspace: str, allow_http: bool = False) -> None:
        self.kind = kind
        self.place = url.rstrip("/")
        try:
            client = {**_CLIENT, "allow_http": allow_http}
            self._store: Any = _open(url, client_options=client, retry_config=_RETRY)
        except (exceptions.BaseError, ValueError, OSError) as error:
            raise self._trouble("cannot be opened", error) from None
        self._folder = f"{project}/{workspace}"
        self._end = 0
        self._read_once = False
        self._one = threading.Lock()

    async def read(self, after: int = 0) -> list[bytes]:
        return await asyncio.to_thread(self._locked, self._read, after)

    async def append(self, head: int, lines: Sequence[bytes]) -> None:
        await asyncio.to_thread(self._locked, self._append, head, lines)

    async def discard(self) -> None:
        """Remove the objects: for a chain that was only tried."""
        await asyncio.to_thread(self._locked, self._discard)

    async def close(self) -> None:
        """Connections end with the object."""

    def _locked(self, what: Any, *arguments: Any) -> Any:
        with self._one:
            return what(*arguments)

    def _read(self, after: int) -> list[bytes]:
        known = self._read_once and after == self._end
        try:
            begin = after + 1 if known else 1
            firsts = self._firsts(begin)
            if after and firsts and not known:  # from the object that holds the first line wanted; it may begin earlier
                firsts = firsts[max(0, sum(first <= after + 1 for first in firsts) - 1) :]
                begin = firsts[0]
            lines = self._lines(firsts, begin)
        except (exceptions.BaseError, ValueError, OSError) as error:
            raise self._trouble("cannot be read", error) from None
        end = begin + len(lines) - 1
        if self._read_once and end < self._end:
            raise self._not_whole(end + 1)
        self._end, self._read_once = end, True
        return lines[after + 1 - begin :]

    def _lines(self, firsts: list[int], begin: int) -> list[bytes]:
        """What the objects hold, read some at a time; each must begin where the one before it ends."""
        lines: list[bytes] = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(firsts), _PAGE):
                page = firsts[start : start + _PAGE]
                for first, content in zip(page, pool.map(self._get, page), strict=True):
                    found = content.split(b"\n")
                    if first != begin + len(lines) or found.pop() or not found:
                        raise self._not_whole(first)
                    lines += found
        return lines

    def _firsts(self, least: int) -> list[int]:
        """The numbers that objects begin with, from `least` on."""
        offset = f"{self._folder}/{least - 1:012d}.jsonl" if least > 1 else None
        found = []
        for page in self._store.list(f"{self._folder}/", offset=offset):
            for each in page:
                match = _NAME.fullmatch(each["path"].rpartition("/")[2])
                if match is not None and int(match[1]) >= least:
                    found.append(int(match[1]))
        return sorted(found)

    def _get(self, first: int) -> bytes:
        return bytes(self._store.get(self._path(first)).bytes())

    def _path(self, first: int) -> str:
        return f"{self._folder}/{_name(first)}"

    def _append(self, head: int, lines: Sequence[bytes]) -> None:
        if not self._read_once or self._end != head:
            self._read(self._end if self._read_once else 0)
        if self._end != head:
            raise self._moved()
        content = b"".join(line + b"\n" for line in lines)
        for _ in range(_LOSSES):
            if self._create(head + 1, content):
                self._end = head + len(lines)
                return
        raise LedgerLost(f"puts to {self.place} get no answer: it cannot be told whether one still lands")

    def _create(self, first: int, content: bytes) -> bool:
        """False where it cannot be told, and the same may be tried again."""
        try:
            self._store.put(self._path(first), content, mode="create", use_multipart=False)
        except (
            exceptions.PermissionDeniedError,
            exceptions.UnauthenticatedError,
            exceptions.NotSupportedError,
        ) as error:
            raise self._trouble("cannot be written", error) from None
        except (exceptions.BaseError, OSError) as error:
            return self._is_there(first, content, error)
        return True

    def _is_there(self, first: int, content: bytes, error: Exception) -> bool:
        """After a put that was refused or got no answer: what bears the name now?"""
        try:
            found = self._get(first)
        except FileNotFoundError:
            return False
        except (exceptions.BaseError, OSError):
            raise LedgerLost(
                f"a put to {self.place} got no answer, and it cannot be looked up: {_said(error)}"
            ) from None
        if found != content:
            raise self._moved()
        return True

    def _discard(self) -> None:
        try:
            for first in self._firsts(1):
                self._store.delete(self._path(first))
        except (exceptions.BaseError, OSError) as error:
            raise self._trouble("cannot be cleaned up", error) from None

    def _not_whole(self, first: int) -> LedgerError:
        return LedgerError(
            f"the ledger in {self.place}, {self._folder}, is not whole around {_name(first)}: objects were removed or changed",
            hint="restore the objects (versions, backup); `ledger verify` checks them",
        )

    def _moved(self) -> HeadMoved:
        return HeadMoved(f"the ledger in {self.place} was continued by somebody else")

    def _trouble(self, what: str, error: Exception) -> LedgerError:
        return LedgerError(
            f"the ledger in {self.place} {what}: {_said(error)}",
            hint="check the bucket's name, the credentials in the environment and their rights (list, read and write objects)",
        )


def _name(first: int) -> str:
    return f"{first:012d}.jsonl"


def _said(error: Exception) -> str:
    """Its first line, without signatures, which stand in queries."""
    text = str(error).partition("Debug source")[0]
    return _QUERY.sub("", " ".join(text.split()))[:400] or type(error).__name__

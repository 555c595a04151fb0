"""The secrets of this process, and the streams that do not let them out. What is written to files passes `SECRETS.hide` as well."""

import io
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import parse_qs, unquote, urlsplit

from msgflash_gitops.model.masking import Masker

_KEY = re.compile(r"msgf_(?:live|team)_[A-Za-z0-9_-]+")
_NAMED = (
    "MSGFLASH_API_KEY", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN", "AZURE_CLIENT_SECRET",
)  # fmt: skip
_QUERY = ("password", "sslpassword", "secret", "token", "sig")
_KEYWORD = re.compile(r"(?:^|\s)(?:ssl)?password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))")


class Secrets:
    """What must not be shown, by value."""

    def __init__(self) -> None:
        self._masker = Masker()

    def add(self, *values: str) -> None:
        """From now on these are masked. Empty ones are left out."""
        self._masker = Masker(self._masker.secrets | {each for each in values if each})

    def forget(self, value: str) -> None:
        """What is shown on purpose: the sandbox's own key, which is public."""
        self._masker = Masker(self._masker.secrets - {value})

    def hide(self, text: str) -> str:
        return self._masker.hide(text)

    def hide_bytes(self, data: bytes) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        hidden = self.hide(text)
        return data if hidden == text else hidden.encode("utf-8", "surrogateescape")


SECRETS = Secrets()


def secrets_of(environ: Mapping[str, str]) -> Iterator[str]:
    """Keys by their form, whatever their variable is called; passwords of addresses (ledger, proxy); and variables known to hold one."""
    for name, value in environ.items():
        yield from _KEY.findall(value)
        yield from url_secrets(value)
        if name in _NAMED:
            yield value.strip()


def url_secrets(value: str) -> Iterator[str]:
    """The passwords in an address, as written and decoded; those of PostgreSQL's `password=…` form too."""
    if "://" in value:
        try:
            parts = urlsplit(value)
        except ValueError:
            return
        _, colon, password = parts.netloc.rpartition("@")[0].partition(":")
        yield from (password, unquote(password)) if colon else ()
        for name, values in parse_qs(parts.query).items():
            yield from values if name.lower() in _QUERY else ()
    elif "password" in value:
        for quoted, plain in _KEYWORD.findall(value):
            yield quoted or plain


def guard_streams() -> None:
    """Everything that this process prints, by whatever way, is masked; text that a terminal's encoding lacks is escaped."""
    SECRETS.add(*secrets_of(os.environ))
    sys.stdout, sys.stderr = _guarded(sys.stdout), _guarded(sys.stderr)


def _guarded(stream: Any) -> Any:
    encoding = "utf-8" if stream.encoding is None else stream.encoding
    return io.TextIOWrapper(_Masking(stream.buffer), encoding, "backslashreplace", write_through=True)


class _Masking(io.BufferedIOBase):
    """Each write is one text, as `click.echo` gives it, so that no secret lies across two of them."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner

    def write(self, data: Any) -> int:
        self._inner.write(SECRETS.hide_bytes(bytes(data)))
        self._inner.flush()
        return len(data)

    def flush(self) -> None:
        self._inner.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._inner.isatty()

    def fileno(self) -> int:
        return self._inner.fileno()

"""A store by its kind. Addresses that may hold a password come from the environment; nothing is imported that is not asked for."""

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from msgflash_gitops.errors import LedgerError
from msgflash_gitops.model.ledger import LedgerSettings
from msgflash_gitops.ports import LedgerStore
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.storage.ledger.git import GitStore

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Where another server than the cloud's own is named: plain http is for one on this machine only.
_ENDPOINTS = (
    "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT", "AZURITE_BLOB_STORAGE_URL",
)  # fmt: skip


@runtime_checkable
class TriedStore(LedgerStore, Protocol):
    """Every store here can also forget a chain that was only tried."""

    async def discard(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Wanted:
    kind: str
    root: Path
    project: str
    workspace: str
    environ: Mapping[str, str]
    settings: LedgerSettings


def open_store(
    kind: str, *, root: Path, project: str, workspace: str, environ: Mapping[str, str], settings: LedgerSettings
) -> TriedStore:
    """The store of this project and workspace; nothing is read yet. Raises LedgerError where it cannot be made."""
    for what, name in (("project", project), ("workspace", workspace)):
        if not _NAME.fullmatch(name):
            raise LedgerError(
                f"the {what} {name!r} cannot be part of a ledger's name", hint="use letters, digits, . _ and -"
            )
    opener = _OPENERS.get(kind)
    if opener is None:
        raise LedgerError(f"there is no ledger store {kind!r}", hint=f"choose one of {', '.join(_OPENERS)}")
    return opener(_Wanted(kind, root, project, workspace, environ, settings))


def _file(wanted: _Wanted) -> TriedStore:
    """One file per workspace: `ledger.jsonl` for the only one, `ledger.production.jsonl` for one with a name."""
    path = Path(wanted.settings.path)
    if wanted.workspace != "default":
        path = path.with_name(f"{path.stem}.{wanted.workspace}{path.suffix}")
    return FileStore(wanted.root / path, place=path.as_posix())


def _git(wanted: _Wanted) -> TriedStore:
    settings = wanted.settings
    return GitStore(
        wanted.root,
        project=wanted.project,
        workspace=wanted.workspace,
        remote=settings.remote,
        branch=settings.branch,
    )


def _postgresql(wanted: _Wanted) -> TriedStore:
    url = _address(wanted, ("postgresql", "postgres"), "postgresql://user:password@host:5432/database")
    module = _extra("postgresql", "psycopg", "postgresql")
    store: TriedStore = module.PostgresqlStore(url, project=wanted.project, workspace=wanted.workspace)
    return store


def _objects(wanted: _Wanted) -> TriedStore:
    url = _address(wanted, (wanted.kind,), f"{wanted.kind}://bucket/folder")
    parts = urlsplit(url)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise LedgerError(
            f"the address in {wanted.settings.url_env} holds more than a bucket and a folder",
            hint="credentials and endpoints are read from the environment, as the cloud's own tools do",
        )
    plain = _plain_http(wanted)
    module = _extra("objects", "obstore", "objects")
    store: TriedStore = module.ObjectStore(
        wanted.kind, url, project=wanted.project, workspace=wanted.workspace, allow_http=plain
    )
    return store


def _address(wanted: _Wanted, schemes: tuple[str, ...], example: str) -> str:
    name = wanted.settings.url_env
    url = wanted.environ.get(name, "").strip()
    if not url:
        raise LedgerError(
            f"the address of the ledger is missing: the variable {name} is not set",
            hint=f"set it, for example to {example}",
        )
    try:
        scheme, host = urlsplit(url).scheme, urlsplit(url).netloc
    except ValueError:
        scheme, host = "", ""
    if scheme not in schemes or (not host and schemes[0] != "postgresql"):
        raise LedgerError(
            f"the address in {name} does not fit the store {wanted.kind!r}: it has to begin with {schemes[0]}://",
            hint=f"for example {example}",
        )
    return url


def _plain_http(wanted: _Wanted) -> bool:
    plain = False
    for name in _ENDPOINTS:
        parts = urlsplit(wanted.environ.get(name, ""))
        if parts.scheme == "http":
            if parts.hostname not in _LOOPBACK:
                raise LedgerError(
                    f"{name} is plain http, and not on this machine: whoever is on the way could read and alter the ledger",
                    hint="use https",
                )
            plain = True
    return plain


def _extra(name: str, package: str, module: str) -> "_Module":
    try:
        found: _Module = importlib.import_module(f"msgflash_gitops.storage.ledger.{module}")
    except ImportError:
        raise LedgerError(
            f"this ledger needs the package {package}, which is not installed",
            hint=f"pip install 'msgflash-gitops[{name}]'",
        ) from None
    return found


class _Module(Protocol):
    PostgresqlStore: Callable[..., TriedStore]
    ObjectStore: Callable[..., TriedStore]


_OPENERS: dict[str, Callable[[_Wanted], TriedStore]] = {
    "file": _file,
    "git": _git,
    "postgresql": _postgresql,
    "s3": _objects,
    "gs": _objects,
    "az": _objects,
}
STORES = tuple(_OPENERS)

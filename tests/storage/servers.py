"""The real things that stores lie on: PostgreSQL, S3, Azure, a bare repository. Each starts once per test process, in a folder of its own."""

import base64
import contextlib
import fcntl
import glob
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import pytest

HERE = Path(__file__).parent
AZURITE = HERE / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
AZURE = {
    "AZURE_STORAGE_ACCOUNT_NAME": "devstoreaccount1",
    # The emulator's own key, the same everywhere and published in its documentation.
    "AZURE_STORAGE_ACCOUNT_KEY": "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "AZURE_ALLOW_HTTP": "true",
}
AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret", "AWS_REGION": "us-east-1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, process: "subprocess.Popen[bytes]", seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not listen")


@contextmanager
def started(command: list[str], port: int, **options: object) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def postgresql_binaries() -> Path | None:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True) or [shutil.which("initdb") or ""]  # noqa: PTH207
    return Path(found[0]).parent if found[0] else None


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The address of a new cluster, password and all. It will not run as root, so root starts it as another user."""
    binaries = postgresql_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")
        for parent in folder.parents:  # pytest's folders are for their owner alone
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001 and parent != parent.parent:
                parent.chmod(parent.stat().st_mode | 0o011)
    data, port = folder / "data", free_port()
    secret = folder / "password"
    secret.write_text("s3cret-word\n")
    secret.chmod(0o644)
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "ledger", "-A", "scram-sha-256", f"--pwfile={secret}", "-N", "--locale=C", "-E", "UTF8"],
        check=True, capture_output=True, cwd="/", **user,  # type: ignore[call-overload]
    )  # fmt: skip
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-F"]
    with started(command, port, cwd="/", **user):
        yield f"postgresql://ledger:s3cret-word@127.0.0.1:{port}/postgres"


@contextmanager
def s3() -> Iterator[str]:
    """The endpoint of an S3 server with the bucket `ledger`."""
    port = free_port()
    with started([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port):
        endpoint = f"http://127.0.0.1:{port}"
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/ledger", method="PUT")).close()
        yield endpoint


@contextmanager
def azure(folder: Path) -> Iterator[str]:
    """The endpoint of an Azure emulator; installed once, whichever test process comes first."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    with (HERE / "azurite" / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not AZURITE.exists():
            done = subprocess.run(
                ["npm", "ci", "--no-progress", "--ignore-scripts"], cwd=HERE / "azurite", capture_output=True
            )
            if done.returncode:
                pytest.skip("npm could not install azurite")
    port = free_port()
    command = ["node", str(AZURITE), "--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder)]
    with started([*command, "--silent", "--skipApiVersionCheck", "--disableTelemetry"], port):
        yield f"http://127.0.0.1:{port}/devstoreaccount1"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def repository(folder: Path) -> Path:
    """A bare repository with a branch `main` of two commits."""
    bare, seed = folder / "up.git", folder / "seed"
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--bare", "-b", "main", str(bare))
    git(folder, "clone", "--quiet", str(bare), str(seed))
    for text in ("one", "two"):
        (seed / "file").write_text(text)
        git(seed, "add", ".")
        git(seed, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", text)
    git(seed, "push", "--quiet", "origin", "HEAD:main")
    return bare


def clone(bare: Path, name: str, *options: str) -> Path:
    folder = bare.parent / name
    git(bare.parent, "clone", "--quiet", *options, f"file://{bare}", str(folder))
    return folder


def make_container(environ: dict[str, str]) -> None:
    """The container `ledger` of the Azure emulator, by a signed request: obstore makes none."""
    account, key = environ["AZURE_STORAGE_ACCOUNT_NAME"], environ["AZURE_STORAGE_ACCOUNT_KEY"]
    moment = formatdate(usegmt=True)
    headers = f"x-ms-date:{moment}\nx-ms-version:2021-08-06\n"
    signed = "PUT" + "\n" * 12 + headers + f"/{account}/{account}/ledger\nrestype:container"
    signature = base64.b64encode(hmac.new(base64.b64decode(key), signed.encode(), hashlib.sha256).digest()).decode()
    request = urllib.request.Request(
        f"{environ['AZURE_STORAGE_ENDPOINT']}/ledger?restype=container",
        method="PUT",
        headers={
            "x-ms-date": moment,
            "x-ms-version": "2021-08-06",
            "Authorization": f"SharedKey {account}:{signature}",
            "Content-Length": "0",
        },
    )
    try:
        urllib.request.urlopen(request).close()
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 409:  # it is there
            raise

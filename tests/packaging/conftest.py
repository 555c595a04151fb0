"""The wheel, built once for all workers, and installed into a folder that knows nothing of the checkout."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import Ended

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def run(*command: str, cwd: Path, **environ: str) -> Ended:
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", **environ}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=110, stdin=subprocess.DEVNULL
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def pip(*arguments: str, cwd: Path) -> None:
    """With the environment as it is: it may say where packages come from."""
    done = subprocess.run([*PIP, *arguments], cwd=cwd, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel, and `installed` beside it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "wheel"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "done").exists():
            pip("wheel", str(ROOT), "--no-deps", "--wheel-dir", str(shared), cwd=shared)
            (wheel,) = shared.glob("*.whl")
            pip("install", str(wheel), "--no-deps", "--no-index", "--target", str(shared / "installed"), cwd=shared)
            (shared / "done").touch()
    return shared


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture
def installed(built: Path, tmp_path: Path) -> Callable[..., Ended]:
    """Runs `python -m msgflash_gitops` out of the wheel, in an empty folder."""

    def command(*arguments: str, **environ: str) -> Ended:
        path = str(built / "installed")
        return run(sys.executable, "-m", "msgflash_gitops", *arguments, cwd=tmp_path, PYTHONPATH=path, **environ)

    return command

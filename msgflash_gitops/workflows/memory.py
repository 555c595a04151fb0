"""Where the ledger of a project and workspace lies: the store of msgflash.yaml, or the sandbox's own."""

from collections.abc import Mapping
from pathlib import Path

from msgflash_gitops.model.project import Project
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.storage.ledger.registry import TriedStore, open_store
from msgflash_gitops.workflows.session import STATE_FOLDER


def store_of(project: Project, workspace: str, environ: Mapping[str, str], *, sandbox: bool) -> TriedStore:
    """Nothing is read yet. Raises LedgerError where the store cannot be made."""
    root = Path(project.root)
    if sandbox:
        name = "sandbox-ledger.jsonl" if workspace == "default" else f"sandbox-ledger-{workspace}.jsonl"
        return FileStore(root / STATE_FOLDER / name, place=f"{STATE_FOLDER}/{name}")
    return open_store(
        project.ledger.store,
        root=root,
        project=project.name,
        workspace=workspace,
        environ=environ,
        settings=project.ledger,
    )

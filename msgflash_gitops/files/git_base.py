"""Which revision the definitions are compared with, and where the project lies in it."""

import re
from dataclasses import dataclass
from pathlib import Path

from msgflash_gitops.errors import GitopsError, InputError, UsageError
from msgflash_gitops.git.process import ask

_PREFERRED = ("upstream", "origin")
_ID = re.compile("[0-9a-f]{40,64}")
_BRANCHES = ("HEAD", "main", "master")
_SHALLOW_HINT = "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout"


@dataclass(frozen=True, slots=True)
class Base:
    """`revision`: the id of a commit (of a tree, where one was asked for). `how`: in words, why this one.

    `tree`: the id of the project's folder there; None where the revision does not have it.
    """

    revision: str
    how: str
    tree: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """The project's folder, relative to the top of its repository; empty at the top."""

    root: Path
    folder: str
    shallow: bool


def find_base(root: Path, wanted: str | None) -> Base:
    """The revision `wanted` (`REV...`: its merge base with HEAD), or without one the merge base with the default branch, or HEAD.

    Raises UsageError for a revision that there is not, InputError where the folder or its clone does not allow to tell.
    """
    if wanted is not None and (not wanted or wanted.startswith("-")):
        raise UsageError(f"{wanted!r} is no revision", hint="name a commit, a branch or a tag, such as origin/main")
    place = _place(root)
    if wanted is None:
        revision, how = _default(place)
    elif wanted.endswith("..."):
        branch = wanted.removesuffix("...") or "HEAD"
        revision, how = _merge_base(place, _resolve(place, branch), branch), f"the merge base with {branch}"
    else:
        revision, how = _resolve(place, wanted), wanted
    return Base(revision, how, _tree(place, revision))


def _place(root: Path) -> _Place:
    said = ask(root, "rev-parse", "--is-inside-work-tree", "--is-shallow-repository", "--show-prefix")
    lines = said.text.split("\n", 2)
    if said.code and "not a git repository" not in said.complaint:
        raise InputError(f"git does not read {root}: {said.complaint}", hint="`git status` there says more")
    if said.code or lines[0] != "true":
        raise InputError(
            f"{root} is in no git repository, so there is nothing to compare with",
            hint="diff reads the earlier definitions from git: run it in a checkout",
        )
    return _Place(root, lines[2].removesuffix("/") if len(lines) > 2 else "", lines[1] == "true")


def _default(place: _Place) -> tuple[str, str]:
    branch = _default_branch(place)
    if branch is not None:
        name = branch.removeprefix("refs/remotes/")
        return _merge_base(place, branch, name), f"the merge base with {name}"
    if place.shallow:
        raise InputError(
            "the clone is shallow and knows no default branch of a remote, so there is nothing to compare with",
            hint=f"{_SHALLOW_HINT}; or name a BASE that is there, such as HEAD",
        )
    head = _verified(place, "HEAD")
    if head is None:
        raise InputError("the repository has no commit yet, so there is nothing to compare with")
    return head, "HEAD: no default branch of a remote is known"


def _default_branch(place: _Place) -> str | None:
    """Where a fork has its `upstream`, that one's; else that of `origin`, else that of the only remote."""
    patterns = [f"refs/remotes/*/{branch}" for branch in _BRANCHES]
    listed = ask(place.root, "for-each-ref", "--format=%(refname) %(symref)", *patterns).text
    remotes: dict[str, dict[str, str]] = {}
    for line in listed.splitlines():
        name, _, points_to = line.partition(" ")
        _, _, remote, branch = name.split("/", 3)
        remotes.setdefault(remote, {})[branch] = points_to or name
    chosen = next((each for each in _PREFERRED if each in remotes), None)
    if chosen is None and len(remotes) == 1:
        chosen = next(iter(remotes))
    return next((remotes[chosen][each] for each in _BRANCHES if each in remotes[chosen]), None) if chosen else None


def _merge_base(place: _Place, revision: str, name: str) -> str:
    found = ask(place.root, "merge-base", revision, "HEAD")
    if found.code == 0:
        return found.text
    if place.shallow:
        raise InputError(f"the clone is shallow: where HEAD left {name} is not in it", hint=_SHALLOW_HINT)
    if found.code == 1:
        raise InputError(f"HEAD and {name} have no commit in common", hint="name a BASE to compare with")
    raise InputError(f"the merge base of HEAD and {name} cannot be found: {found.complaint}")


def _resolve(place: _Place, wanted: str) -> str:
    """The id of a commit, or of a tree."""
    found = _verified(place, wanted)
    if found is not None:
        for kind in ("commit", "tree"):
            revision = _verified(place, f"{found}^{{{kind}}}")
            if revision is not None:
                return revision
    raise _unknown(place, wanted)


def _unknown(place: _Place, wanted: str) -> GitopsError:
    if place.shallow:
        return InputError(f"the clone is shallow, and {wanted!r} is not in it", hint=_SHALLOW_HINT)
    if _verified(place, f"refs/remotes/origin/{wanted}") is not None:
        return UsageError(f"there is no revision {wanted!r} here", hint=f"did you mean origin/{wanted}?")
    if ".." in wanted:
        return UsageError(
            f"{wanted!r} is no single revision", hint="name the older one, or BRANCH... for the merge base"
        )
    return UsageError(f"there is no revision {wanted!r} here", hint="name a commit, a branch or a tag; fetch it first")


def _verified(place: _Place, name: str) -> str | None:
    """The id of an object. `^main`, which git verifies too, names what is to be left out."""
    found = ask(place.root, "rev-parse", "--verify", "--quiet", name)
    return found.text if found.code == 0 and _ID.fullmatch(found.text) else None


def _tree(place: _Place, revision: str) -> str | None:
    # In two steps: behind a colon everything is a path, so that `^{tree}` would be a part of it.
    found = _verified(place, f"{revision}:{place.folder}")
    return _verified(place, f"{found}^{{tree}}") if found is not None else None

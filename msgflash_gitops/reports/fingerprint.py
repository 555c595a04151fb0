"""Fingerprints of findings, by which code scanning tells a known one from a new one."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

from msgflash_gitops.model.finding import Finding


def fingerprints(findings: Sequence[Finding], prefix: str) -> list[str]:
    """One for each, all different. They stay the same when lines move or a number in a message changes."""
    seen: Counter[str] = Counter()
    made = []
    for finding in findings:
        words = re.sub(r"\d+", "0", finding.message)
        text = "\0".join((finding.rule, prefix, finding.path, finding.key or "", words))
        identity = text.encode("utf-8", "backslashreplace")
        made.append(hashlib.sha256(identity + b"\0%d" % seen[text]).hexdigest()[:32])
        seen[text] += 1
    return made


def repository_path(path: str, prefix: str) -> str:
    """Of a file named relative to the project's folder, which is `prefix` in the repository (empty: its root)."""
    return path if path.startswith("/") or not prefix else f"{prefix}/{path}"

"""The digest of a whole plan: names what a reviewer saw, and shows when a saved plan was edited."""

import hashlib

from msgflash_gitops.model.plan import Plan
from msgflash_gitops.planning.canonical import canonical_json
from msgflash_gitops.planning.codec import encode


def plan_digest(plan: Plan) -> str:
    """SHA-256 over everything the plan holds, in hexadecimal."""
    return hashlib.sha256(canonical_json(encode(plan)).encode()).hexdigest()

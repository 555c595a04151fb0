"""What is kept between runs: the ledger and its stores.

What belongs here: bytes on disk, in git, in a database or an object store, and that they are durable. What must not: what they mean for a plan.
"""

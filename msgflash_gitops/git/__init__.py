"""Git as a process.

What belongs here: running git, its environment, its time limits and how it failed. What must not: what an answer means; `files` reads definitions
through it and `storage` keeps the ledger with it.
"""

"""The ledger: its chain, the book that one run reads and writes, and one file per store.

What belongs here: lines, numbers, hashes, leases and where they lie. What must not: what a plan makes of them.
"""

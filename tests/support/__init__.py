"""Helpers of the tests: a sandbox on a real port, clocks, a hand-made server for faults."""

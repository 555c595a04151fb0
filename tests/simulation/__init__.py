"""Deterministic simulation: real plan, apply, client, journal and sandbox in virtual time, with crashes, faults and races."""

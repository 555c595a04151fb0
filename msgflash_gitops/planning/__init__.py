"""The pure core: labels to ids, canonical form, digest and marker, matching, comparison, decision, guards.

Everything here is a function of its arguments: no network, no files, no clock, no terminal. What knows httpx, yaml or click
does not belong here; `diff` is the only door to deepdiff.
"""

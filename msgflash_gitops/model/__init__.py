"""The nouns of the project as frozen dataclasses: source, finding, definition, project, account, campaign, plan, outcome.

What belongs here: plain data and the parsing of single values. What must not: decisions, I/O, formatting for people.
"""

"""What an audit says, pure: the window, the subjects (what git says of each campaign), their sends, what went wrong, what may.

What git says is read off the plan's own decisions, never decided a second time. No I/O, and no words for a terminal, belong here.
"""

"""How much of what is remembered is asked for again."""

from enum import StrEnum


class Refresh(StrEnum):
    """`all`: every remembered campaign that may still send. `touched`: those whose definition is not what was applied. `none`: none of them.

    Only the documented world knows the difference: a list shows everything.
    """

    ALL = "all"
    TOUCHED = "touched"
    NONE = "none"

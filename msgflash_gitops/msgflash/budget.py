"""What a call that asks several times may take in all: one deadline, and for a whole list one limit of its answers' size."""

import math


class Budget:
    """Seconds: answers, connections, the pauses between attempts, and the waits that a 429 asked for. Bytes: of all answers.

    Waiting for our own turn is not counted: it is bounded by the requests ahead, and says nothing about the server.
    """

    def __init__(self, seconds: float, size: float = math.inf) -> None:
        self.seconds = seconds
        self.size = size
        self.spent = 0.0
        self.held = 0.0
        self.received = 0

    @property
    def left(self) -> float:
        return self.seconds - self.spent

    @property
    def words(self) -> str:
        """What of it a 429 took, for a message that says that time ran out."""
        return f" ({self.held:.3g} of them waiting, because MsgFlash asked for it with HTTP 429)" if self.held else ""

    def spend(self, seconds: float, held: float = 0.0) -> None:
        """`held`: how much of it was a wait that a 429 asked for."""
        self.spent += seconds
        self.held += held

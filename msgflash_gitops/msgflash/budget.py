"""One deadline for a call that asks several times: what it may spend with the server in all."""


class Budget:
    """Seconds spent on answers, connections and the pauses between attempts.

    Waiting in our own queue is not counted, and neither is the wait that a 429 asks for: both are of the whole key, are bounded
    by themselves, and say nothing about whether this answer will come.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.spent = 0.0

    @property
    def left(self) -> float:
        return self.seconds - self.spent

    def spend(self, seconds: float) -> None:
        self.spent += seconds

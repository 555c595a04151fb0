"""API keys, with a type that does not show them."""


class Secret:
    """A text that enters requests in one place and shows nowhere: repr, str and formatting are masked."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """For the request's header only."""
        return self.__text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.__text == self.__text

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __reduce__(self) -> str:
        raise TypeError("a secret is never pickled")

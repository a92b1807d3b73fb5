"""A secret that cannot slip into a log, an exception or a journal by being printed."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """Holds a stream key; printing shows stars, it cannot be pickled, only `reveal` gives it out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self._value

    def redact(self, text: str) -> str:
        """A text (such as a server's answer) with the secret blotted out."""
        return text.replace(self._value, "***") if self._value else text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")

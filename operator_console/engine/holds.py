"""What clients hold down: who goes away lets go, and a key is up when all have let go."""

from __future__ import annotations

from collections.abc import Hashable

from operator_console import protocol as p

TALKBACK = "talkback"


class Holds:
    """Who holds what. Pure book-keeping: the caller carries the commands out."""

    def __init__(self) -> None:
        self._holders: dict[str, list[Hashable]] = {}

    def allows(self, client: Hashable, command: p.AnyCommand) -> bool:
        """Whether a command may be carried out: a key that another client still holds stays down."""
        if not isinstance(command, p.HoldHallKey) or command.held:
            return True
        return all(one == client for one in self._holders.get(command.key, []))

    def note(self, client: Hashable, command: p.AnyCommand) -> None:
        """Take down what a client has pressed or let go."""
        if isinstance(command, p.HoldHallKey):
            others = [one for one in self._holders.get(command.key, []) if one != client]
            self._holders[command.key] = [*others, client] if command.held else others
        elif isinstance(command, p.SetTalkback):
            # It belongs to the last one who began it.
            self._holders[TALKBACK] = [client] if command.participant_id else []

    def gone(self, client: Hashable) -> list[p.AnyCommand]:
        """What is to be carried out now that a client is gone."""
        commands: list[p.AnyCommand] = []
        for what, holders in self._holders.items():
            if client not in holders:
                continue
            holders.remove(client)
            if not holders:
                commands.append(p.SetTalkback() if what == TALKBACK else p.HoldHallKey(key=what, held=False))
        return commands

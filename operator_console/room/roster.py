"""What the engine has told of the session and its participants; kept while the engine is away."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from operator_console.protocol import RoomSetup, RosterChanged, RosterEntry

SEATED = frozenset({"admitted", "connected", "lost"})
ENDED = frozenset({"left", "refused", "removed"})


class Roster:
    """The newest roster, found by participant and by session hash."""

    def __init__(self) -> None:
        self.setup: RoomSetup | None = None
        """None until the first engine has spoken: nobody can be known before."""
        self._entries: dict[str, RosterEntry] = {}
        self._by_session: dict[str, str] = {}

    def replace(self, setup: RoomSetup) -> set[str]:
        """Take the whole roster; returns who changed, those who are gone included."""
        before = self._entries
        same_frame = self.setup is not None and _frame(self.setup) == _frame(setup)
        self.setup = setup
        self._entries = {}
        self._by_session = {}
        for entry in setup.roster:
            self._put(entry)
        everybody = before.keys() | self._entries.keys()
        if not same_frame:
            return everybody
        return {one for one in everybody if before.get(one) != self._entries.get(one)}

    def change(self, changed: RosterChanged) -> set[str]:
        """Take changed entries; returns who changed."""
        ids = {e.participant_id for e in changed.entries if self._entries.get(e.participant_id) != e}
        for entry in changed.entries:
            self._put(entry)
        if self.setup is not None:
            names = ("locked", "recording", "streaming")
            said = {name: getattr(changed, name) for name in names if getattr(changed, name) is not None}
            before, self.setup = self.setup, msgspec.structs.replace(self.setup, **said)
            if _frame(before) != _frame(self.setup):
                ids |= self._entries.keys()
        return ids

    def _put(self, entry: RosterEntry) -> None:
        self._entries[entry.participant_id] = entry
        if entry.session_hash:
            self._by_session[entry.session_hash] = entry.participant_id

    def entry(self, participant_id: str) -> RosterEntry | None:
        """A participant's entry."""
        return self._entries.get(participant_id)

    def by_session(self, session_hash: str) -> RosterEntry | None:
        """The participant whose session secret has this hash."""
        return self._entries.get(self._by_session.get(session_hash, ""))

    def seated(self) -> Iterable[RosterEntry]:
        """Those who have a seat."""
        return (entry for entry in self._entries.values() if entry.presence in SEATED)


def _frame(setup: RoomSetup) -> tuple[str, str, str, bool, bool, bool]:
    """What every page shows."""
    return setup.title, setup.office, setup.session_id, setup.open, setup.recording, setup.streaming

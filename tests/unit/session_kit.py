"""Sessions for the tests: folding facts without a journal, a state with people, sources and outputs."""

from __future__ import annotations

from operator_console.session import facts as f
from operator_console.session.fold import apply
from operator_console.session.model import Invite, SessionState, Source, SourceKind

FAR_MS = 4_000_000_000_000


class Story:
    """Folds facts one after the other, a second apart."""

    def __init__(self, *bodies: f.AnyFact) -> None:
        self.state = SessionState()
        self.at_ms = 1_000_000
        self.tell(*bodies)

    def tell(self, *bodies: f.AnyFact) -> SessionState:
        for body in bodies:
            self.at_ms += 1000
            record = f.FactRecord(seq=self.state.rev + 1, at_ms=self.at_ms, actor="test", body=body)
            self.state = apply(self.state, record)
        return self.state


def invite(name: str = "i1", **changes: object) -> Invite:
    """An invite that is good for three, until far in the future."""
    values: dict[str, object] = {"label": name, "expires_at_ms": FAR_MS, "max_uses": 3, **changes}
    return Invite(id=name, token_hash=f"hash-{name}", **values)  # type: ignore[arg-type]


def joined(participant_id: str, name: str = "", office: str = "Kantor") -> list[f.AnyFact]:
    """Facts of somebody who knocked, was admitted and is connected."""
    return [
        f.ParticipantKnocked(
            participant_id=participant_id, name=name or participant_id.upper(), office=office, invite_id="i1"
        ),
        f.ParticipantAdmitted(participant_id=participant_id),
        f.ParticipantConnected(participant_id=participant_id),
    ]


def opened(people: int = 3) -> Story:
    """An open session with connected people p1..pN, one in the lobby (k1), a hall camera (s1)."""
    story = Story(
        f.SessionOpened(session_id="s", title="Rapat", office="Banjar"),
        f.InviteCreated(invite=invite(max_uses=100)),
    )
    for number in range(1, people + 1):
        story.tell(*joined(f"p{number}"))
    story.tell(
        f.ParticipantKnocked(participant_id="k1", name="Tamu", invite_id="i1"),
        f.SourceAdded(source=Source(id="s1", kind=SourceKind.CAMERA, name="Aula", hall=True)),
    )
    return story

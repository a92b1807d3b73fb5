"""Tests of what outlives a widget: the window is built again in a language, dialogs go before answers."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from operator_console.session import facts as f
from tests.ui.rig import Rig
from ui.dialogs.invite_dialog import InviteDialog

Session = Callable[..., Rig]
TOP = Path(__file__).resolve().parents[2]
LIVES_LONGER = {"context", "_context", "replica", "_replica", "desk", "_desk", "pictures", "ticker"}


def to_language(rig: Rig, language: str) -> None:
    rig.window.status.language_wanted.emit(language)
    rig.until(lambda: rig.context.settings.language == language)
    rig.do(lambda: QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete))


def test_the_window_works_after_the_language_was_switched_twice(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda _kind, error, _trace: errors.append(error))
    rig = session(6)
    to_language(rig, "id")
    to_language(rig, "en")
    for source_id in ("p2", "p3"):
        rig.do(lambda source_id=source_id: rig.context.desk.set(selected=source_id))  # type: ignore[misc]
    rig.fake.tell(f.HandRaised(participant_id="p4"), f.SlateShown(shown=True), f.HallMuted(muted=True))
    rig.until(lambda: rig.context.replica.state.hall_muted)
    rig.do(lambda: rig.window.resize(1400, 820))
    rig.do(rig.context.ticker._beat)
    rig.settle(0.2)
    assert errors == []
    assert rig.window.console.inspector.feed is not None
    assert rig.window.console.inspector.feed.id == "p3"


def test_a_dialog_that_is_closed_before_the_answer_is_not_asked_any_more(session: Session) -> None:
    rig = session(2)
    rig.do(rig.window.show_invitations)
    dialog = rig.dialog(InviteDialog)

    def make_and_close() -> None:
        dialog.make.click()
        dialog.reject()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    rig.do(make_and_close)
    rig.settle(0.2)
    assert rig.context.replica.connected


def lambdas_on_signals(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        lambdas = [arg for arg in node.args if isinstance(arg, ast.Lambda)]
        names = {n.attr for n in ast.walk(node.func.value) if isinstance(n, ast.Attribute)}
        names |= {n.id for n in ast.walk(node.func.value) if isinstance(n, ast.Name)}
        if node.func.attr == "connect" and lambdas and names & LIVES_LONGER:
            found.append(f"{path.name}:{node.lineno}")
    return found


def test_no_lambda_hangs_on_a_signal_that_outlives_its_widget() -> None:
    """Only a bound method of a QObject is let go with it; a lambda stays and calls into what is gone."""
    found = [place for path in sorted((TOP / "ui").rglob("*.py")) for place in lambdas_on_signals(path)]
    assert found == []

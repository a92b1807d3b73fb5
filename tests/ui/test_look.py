"""Tests of the look: nothing cut off in any size and language, everything named, reachable and plain."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QTabBar,
    QWidget,
)

from operator_console.session import facts as f
from operator_console.settings import Destination, Settings
from tests.ui.fake_session import fill
from tests.ui.hostile import NAMES
from tests.ui.rig import Rig
from ui.main_window import MainWindow
from ui.widgets.buttons import ElidedButton
from ui.widgets.labels import ElidedLabel

Session = Callable[..., Rig]
TOP = Path(__file__).resolve().parents[2]
CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QListView, QTabBar)
SIZES = ((1920, 1080), (1366, 768), (1280, 720))


def opened(rig: Rig, size: tuple[int, int], language: str, feeds: int = 28) -> MainWindow:
    engine = rig.start_engine()
    fill(engine, feeds)
    destinations = (Destination("YouTube", "rtmps://a.rtmps.youtube.com/live2"),)
    settings = Settings(language=language, timezone="Asia/Makassar", destinations=destinations)
    window = rig.open_window(*size, settings)
    rig.context.desk.set(selected="p5")
    rig.settle(0.3)
    return window


def visible(top: QWidget, *kinds: type[QWidget]) -> Iterator[QWidget]:
    for widget in top.findChildren(QWidget):
        if isinstance(widget, kinds) and widget.isVisible() and widget.width() > 0:
            yield widget


def cut_off(top: QWidget) -> list[str]:
    """Texts that do not fit their widget."""
    found = []
    for widget in visible(top, QLabel, QAbstractButton):
        if isinstance(widget, (ElidedLabel, ElidedButton)):
            continue
        text = widget.text()  # type: ignore[attr-defined]
        need, have = widget.sizeHint(), widget.size()
        wraps = isinstance(widget, QLabel) and widget.wordWrap()
        high = widget.heightForWidth(have.width()) if wraps else need.height()
        narrow = not wraps and need.width() > have.width()
        if text and (narrow or min(high, need.height()) > have.height() + 1):
            found.append(f"{type(widget).__name__} {text!r} needs {need.toTuple()}, has {have.toTuple()}")
    return found


def outside(window: QWidget) -> list[str]:
    """Widgets that stand beyond the edge of their parent."""
    found = []
    for widget in visible(window, QLabel, QAbstractButton):
        parent = widget.parentWidget()
        if parent and not parent.rect().adjusted(-1, -1, 1, 1).contains(widget.geometry()):
            found.append(f"{widget} at {widget.geometry()} in {parent.rect()}")
    return found


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_off(rig: Rig, size: tuple[int, int], language: str) -> None:
    window = opened(rig, size, language)
    assert (window.width(), window.height()) == size
    assert cut_off(window) == []
    assert outside(window) == []
    for page in range(3):
        rig.do(lambda page=page: window.console.side.tabs.setCurrentIndex(page))  # type: ignore[misc]
        rig.settle(0.1)
        assert cut_off(window) == []
    rig.fake.tell(
        f.LivestreamLost(destination_id="YouTube", reason="closed", code="closed_at_once"),
        f.SlateShown(shown=True),
        f.HallMuted(muted=True),
        f.RoomLocked(locked=True),
    )
    rig.settle(0.2)
    assert cut_off(window) == []


@pytest.mark.parametrize("language", ["id", "en"])
def test_trouble_all_at_once_is_not_cut_off(rig: Rig, language: str) -> None:
    window = opened(rig, (1366, 768), language)
    rig.fake.tell(f.RecordingFailed(recording_id="r1", reason="ENOSPC", code="disk_full", retrying=True))
    stalled = {"phase": "started", "on_air": False, "line": "stalled", "since_ms": 1_760_000_000_000}
    rig.fake.observe_all({"stream.YouTube": stalled})
    rig.fake.observe(
        journal={"state": "failed", "code": "unwritable", "reason": "No space left on device. " * 9},
        program={"fps": 3.0, "failure": {"code": "encoder", "reason": "OSError: no encoder"}},
        room={"state": "running", "certificate_problem": {"code": "expired", "args": {}}},
    )
    rig.until(window.status._sound_stands.isVisible)
    rig.settle(0.2)
    assert cut_off(window) == []
    assert outside(window) == []


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_dialog_is_cut_off(rig: Rig, language: str) -> None:
    window = opened(rig, (1366, 768), language, feeds=4)
    for open_dialog in (
        window.show_help,
        window.show_settings,
        window.show_invitations,
        window.go_live,
        window.console.bar.source_wanted.emit,
        window.end_session,
    ):
        rig.do(open_dialog)
        rig.settle(0.1)
        (dialog,) = [d for d in window.findChildren(QDialog) if d.isVisible()]
        assert cut_off(dialog) == []
        assert dialog.height() <= window.height()
        assert nameless(dialog) == []
        rig.do(dialog.reject)
        rig.settle(0.05)


def nameless(top: QWidget) -> list[str]:
    """Controls that a screen reader cannot name."""
    found = []
    for widget in visible(top, *CONTROLS):
        if isinstance(widget.parent(), QAbstractSpinBox):
            continue  # the field inside one; the spin box itself has the name
        name = widget.accessibleName()
        if not name and isinstance(widget, QAbstractButton):
            tree = QAccessible.queryAccessibleInterface(widget)
            name = tree.text(QAccessible.Text.Name)
        if not name:
            found.append(f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}")
    return found


def test_every_control_has_a_name(session: Session) -> None:
    rig = session(28)
    rig.context.desk.set(selected="p5", search="a")
    rig.settle(0.2)
    for page in range(3):
        rig.window.console.side.tabs.setCurrentIndex(page)
        rig.settle(0.1)
        assert nameless(rig.window) == []


def test_tab_reaches_every_control(session: Session) -> None:
    rig = session(9)
    rig.context.desk.set(selected="p5")
    rig.settle(0.2)
    chain: set[QWidget] = set()
    widget = rig.window.nextInFocusChain()
    while widget is not None and widget not in chain:
        chain.add(widget)
        widget = widget.nextInFocusChain()
    for control in visible(rig.window, QAbstractButton, QComboBox, QLineEdit, QListView):
        if control.isEnabled() and not isinstance(control.parent(), QLineEdit):
            assert control in chain, f"{control.accessibleName()} is not in the chain"
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, f"{control.accessibleName()} takes no Tab"


@pytest.mark.parametrize("name", NAMES[:9])
def test_hostile_names_stay_text(session: Session, name: str) -> None:
    rig = session(2)
    rig.fake.tell(
        f.ParticipantKnocked(participant_id="bad", name=name, office=name),
        f.ParticipantAdmitted(participant_id="bad"),
        f.ParticipantConnected(participant_id="bad"),
        f.HandRaised(participant_id="bad"),
        f.ParticipantKnocked(participant_id="l9", name=name, office=name),
    )
    rig.context.desk.set(selected="bad")
    rig.context.actions.spotlight("bad")
    rig.settle(0.2)
    for label in rig.window.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText, label.text()
        assert label.text().isprintable()
    for widget in rig.window.findChildren(QWidget):
        tip = widget.toolTip()
        assert not tip or (tip.startswith("<qt>") and "<" not in tip[4:-5]), tip
    size = (rig.window.width(), rig.window.height())
    assert size == (1600, 900), "a long name must not push the window wider"
    assert outside(rig.window) == []


def calls_in(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield node.lineno, name


ALLOWED = {"ui/widgets/labels.py": {"setToolTip"}}


@pytest.mark.parametrize("path", sorted((TOP / "ui").rglob("*.py")), ids=lambda p: str(p.relative_to(TOP)))
def test_foreign_text_has_one_door(path: Path) -> None:
    """Labels, message boxes and tool tips guess at markup: only the clean ones of ui.widgets may be made."""
    forbidden = {"QLabel", "QMessageBox", "setToolTip", "setStatusTip", "setWhatsThis", "setHtml", "exec"}
    forbidden -= ALLOWED.get(str(path.relative_to(TOP)), set())
    found = [f"{path.name}:{line} {name}" for line, name in calls_in(path) if name in forbidden]
    assert found == []

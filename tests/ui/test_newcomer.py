"""Tests of what somebody meets who sees the console for the first time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import Source, SourceKind
from tests.ui.fake_session import fill
from tests.ui.rig import Rig
from tests.ui.test_look import cut_off, opened, outside
from ui.agents import agent_text
from ui.feeds import Filter
from ui.streams import pace

Session = Callable[..., Rig]
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (CHROME, "Chrome, Linux"),
        (CHROME.replace("X11; Linux x86_64", "Windows NT 10.0; Win64") + " Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox, Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("demo-office 1.0", "demo-office"),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_words(agent: str, said: str) -> None:
    assert agent_text(agent) == said


def test_an_encoder_that_is_late_is_told_by_degrees() -> None:
    assert [pace(fps, 30) for fps in (0.0, 30.0, 27.0, 23.0, 12.0)] == ["", "", "", "warn", "bad"]


def test_a_word_typed_by_mistake_does_nothing_while_keys_are_locked(session: Session) -> None:
    rig = session(4)
    rig.context.key_lock.set_unlocked(False)
    rig.context.desk.set(selected="p2")
    rig.do(rig.window.setFocus)
    before = len(rig.fake.commands)
    for key in (Qt.Key.Key_B, Qt.Key.Key_M, Qt.Key.Key_C, Qt.Key.Key_1, Qt.Key.Key_Space, Qt.Key.Key_Return):
        rig.key(key)
    wall = rig.window.console.wall.view
    rig.do(lambda: QTest.keyClick(wall, Qt.Key.Key_Return))
    rig.settle()
    assert [c for c in rig.fake.commands[before:] if not isinstance(c, p.SetWants)] == []
    assert rig.window.toaster.texts == ["Keys are locked, nothing was done. F9 unlocks them."]
    rig.key(Qt.Key.Key_F9)
    rig.key(Qt.Key.Key_B)
    rig.until(lambda: rig.asked(p.SetSlate))
    assert rig.window.console.bar.keys.text() == "Keys active"


def test_who_waits_is_seen_from_everywhere(rig: Rig) -> None:
    fill(rig.start_engine(), 0, busy=False)
    window = rig.open_window()
    rig.until(lambda: window.pages.currentWidget() is window.console)
    before = len(rig.context.replica.state.lobby)
    rig.fake.tell(f.ParticipantKnocked(participant_id="w1", name="Budi", office=""))
    rig.until(window.console.strip.lobby.isVisible)
    assert window.console.strip.lobby.text() == f"Lobby {before + 1}"
    assert window.console.wall.empty._title.text() == f"{before + 1} waiting in the lobby"
    rig.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.console.side.pages.currentWidget() is window.console.side.lobby


def test_the_question_for_a_microphone_is_followed(session: Session) -> None:
    rig = session(4, busy=False)
    rig.context.desk.set(selected="p2")
    sound = rig.window.console.inspector._lines[0]
    rig.fake.observe_all({"mic_ask.p2": {"state": "asked"}})
    rig.until(lambda: "waiting for an answer" in sound.text())
    rig.fake.observe_all({"mic_ask.p2": {"state": "declined"}})
    rig.until(lambda: sound.text() == "Open mic: declined")
    rig.fake.observe_all({"mic_ask.p2": None})
    rig.until(lambda: "Open mic" not in sound.text())


def test_the_first_page_remembers_office_zone_and_title(rig: Rig) -> None:
    rig.start_engine()
    page = rig.open_window().open_page
    page.name.setText("Musrenbang")
    page.office.setText("Diskominfo")
    page.zone.setCurrentIndex(2)
    rig.click(page.open)
    rig.until(lambda: rig.asked(p.OpenSession))
    again = type(page)(rig.context)
    again.setParent(rig.window)  # goes with it
    assert (again.name.text(), again.office.text()) == ("Musrenbang", "Diskominfo")
    assert again.zone.currentData() == "Asia/Jayapura"


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1280, 800)])
def test_the_walls_head_is_whole_with_own_sources(rig: Rig, size: tuple[int, int], language: str) -> None:
    window = opened(rig, size, language)
    camera = Source(id="s1", kind=SourceKind.CAMERA, name="Kamera", address="0")
    rig.fake.tell(f.SourceAdded(source=camera))
    wall = window.console.wall
    rig.until(wall._filters[Filter.LOCAL].isVisible)
    rig.settle(0.2)
    assert cut_off(window) == []
    assert outside(window) == []
    hint = wall.search.placeholderText()
    assert wall.search.fontMetrics().horizontalAdvance(hint) < wall.search.width() - 42
    assert wall._sort.fontMetrics().horizontalAdvance(wall._sort.currentText()) < wall._sort.width() - 30


def test_a_late_encoder_is_said_where_it_is_seen(session: Session) -> None:
    rig = session(2)
    rig.fake.observe(program={"fps": 12.0, "late_frames": 5755})
    rig.until(rig.window.status._late.isVisible)
    assert "cannot keep up" in rig.window.status._late.toolTip()
    assert "picture stutters" in rig.window.console.strip.recording._detail.text()
    rig.fake.observe(program={"fps": 30.0, "late_frames": 5755})
    rig.until(lambda: not rig.window.status._late.isVisible())


def test_what_is_typed_on_the_first_page_outlives_another_language(rig: Rig) -> None:
    rig.start_engine()
    window = rig.open_window()
    window.open_page.name.setText("Rapat")
    window.status.language_wanted.emit("id")
    rig.until(lambda: rig.context.settings.language == "id")
    assert window.open_page.name.text() == "Rapat"

"""Tests of the mixer: strips and what they ask for, faders that follow facts, coalesced drags, the dialog."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import HallSound, MixBus, SourceKind
from tests.ui.fake_session import hall_figures, hall_on
from tests.ui.rig import Rig
from ui.dialogs.hall_dialog import HallDialog
from ui.dialogs.hall_wizard import HallWizard
from ui.dialogs.mixer_dialog import MixerDialog
from ui.widgets.fader import Fader

Session = Callable[..., Rig]
PLAIN = Qt.KeyboardModifier.NoModifier


def strip(rig: Rig, target: str) -> Fader:
    return rig.window.console.audio.strips.strips[target].fader


def turn_wheel(rig: Rig, fader: Fader, notches: int) -> None:
    at = QPointF(fader.rect().center())
    event = QWheelEvent(
        at,
        QPointF(fader.mapToGlobal(fader.rect().center())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        PLAIN,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    rig.do(lambda: rig.app.sendEvent(fader, event))


def test_a_fader_moves_only_when_the_engine_has_taken_it(session: Session) -> None:
    rig = session(4)
    fader = strip(rig, MixBus.PROGRAM)
    rig.fake.silent = True
    rig.do(lambda: fader.setFocus(Qt.FocusReason.TabFocusReason))
    rig.do(lambda: QTest.keyClick(fader, Qt.Key.Key_Down))
    rig.until(lambda: rig.asked(p.SetFader))
    assert fader.gain_db == 0.0, "nothing is shown that is not so"
    rig.fake.silent = False
    rig.do(lambda: QTest.keyClick(fader, Qt.Key.Key_Down))
    rig.until(lambda: fader.gain_db == -2.0)
    assert rig.asked(p.SetFader)[-1] == p.SetFader(target="bus:program", gain_db=-2.0)
    assert fader.accessibleDescription() == "−2 dB"


def test_keys_wheel_and_double_click(session: Session) -> None:
    rig = session(4)
    fader = strip(rig, MixBus.SHARED)
    for key, gain_db in (
        (Qt.Key.Key_Up, 1.0),
        (Qt.Key.Key_PageDown, -5.0),
        (Qt.Key.Key_End, -60.0),
        (Qt.Key.Key_Home, 0.0),
        (Qt.Key.Key_PageUp, 6.0),
        (Qt.Key.Key_PageUp, 12.0),
        (Qt.Key.Key_PageUp, 12.0),
    ):
        rig.do(lambda key=key: QTest.keyClick(fader, key))  # type: ignore[misc]
        rig.until(lambda gain_db=gain_db: fader.gain_db == gain_db)  # type: ignore[misc]
    turn_wheel(rig, fader, -3)
    rig.until(lambda: fader.gain_db == 9.0)
    rig.double_click(fader, fader.rect().center())
    rig.until(lambda: fader.gain_db == 0.0)
    assert rig.fake.state.mixing.faders_db == {}
    assert not rig.asked(p.SetPreview)


def test_a_screen_reader_moves_a_fader_like_everybody_else(session: Session) -> None:
    rig = session(4)
    fader = strip(rig, MixBus.SHARED)
    rig.fake.silent = True
    rig.do(lambda: fader.setValue(-100))
    rig.until(lambda: rig.asked(p.SetFader) == [p.SetFader(target="bus:shared", gain_db=-10.0)])
    assert (fader.gain_db, fader.value()) == (0.0, 0), "not before the engine has taken it"
    rig.fake.tell(f.FaderSet(target="bus:shared", gain_db=-10.0))
    rig.until(lambda: (fader.gain_db, fader.value()) == (-10.0, -100))


def test_a_drag_is_told_ten_times_a_second_and_its_end_always(session: Session) -> None:
    rig = session(4, width_px=1920, height_px=1080)
    fader = strip(rig, MixBus.HALL)
    middle = fader.rect().center()
    began_s = time.monotonic()
    rig.do(lambda: QTest.mousePress(fader, Qt.MouseButton.LeftButton, PLAIN, middle))
    assert not rig.asked(p.SetFader), "taking hold of it changes nothing"
    for step in range(40):
        rig.do(lambda step=step: QTest.mouseMove(fader, middle + QPoint(0, step)))  # type: ignore[misc]
        rig.settle(0.01)
    last = fader._wanted
    rig.do(lambda: QTest.mouseRelease(fader, Qt.MouseButton.LeftButton, PLAIN, middle + QPoint(0, 39)))
    rig.until(lambda: rig.asked(p.SetFader)[-1].gain_db == last)
    rig.until(lambda: fader.gain_db == last)
    spent_s = time.monotonic() - began_s
    assert last is not None
    assert last < -10
    assert len(rig.asked(p.SetFader)) <= 2 + spent_s * 10


def test_buses_the_hall_and_own_sources_are_muted_by_facts(session: Session) -> None:
    rig = session(4)
    hall_on(rig.fake)
    strips = rig.window.console.audio.strips.strips
    rig.until(lambda: "hall" in strips)
    assert list(strips) != []
    rig.click(strips["bus:hall"].mute)
    rig.until(lambda: strips["bus:hall"].mute.property("muted"))
    assert rig.fake.state.mixing.muted_buses == ("bus:hall",)
    rig.click(strips["bus:hall"].mute)
    rig.until(lambda: not strips["bus:hall"].mute.property("muted"))
    rig.click(strips["hall"].mute)
    rig.until(lambda: strips["hall"].mute.property("muted"))
    assert rig.fake.state.hall_muted
    rig.until(lambda: not rig.window.console.bar.hall.property("on"))


def test_the_panel_has_room_for_five_and_the_mixer_for_all(session: Session) -> None:
    rig = session(28)
    for number in (1, 2, 3):
        source = p.AddSource(kind=SourceKind.FILE, name=f"Lagu {number}", address="lagu.mp4")
        rig.do(lambda source=source: rig.context.replica.send(source))  # type: ignore[misc]
    rig.until(lambda: len(rig.fake.state.sources) == 3)
    sounding = p.MediaPlace(audio=("audio-engine", 0))
    rig.fake.observe_all({f"media.{key}": sounding for key in rig.fake.state.sources})
    hall_on(rig.fake)
    panel = rig.window.console.audio.strips
    rig.until(lambda: len(panel.strips) == 5)
    rig.click(rig.window.console.audio.mixer)
    dialog = rig.dialog(MixerDialog)
    assert set(dialog.fixed.strips) == {"hall", "bus:program", "bus:shared", "bus:hall"}
    open_ones = {person.id for person in rig.fake.state.seated if person.audible}
    assert set(dialog.moving.strips) == open_ones | set(rig.fake.state.sources)
    rig.click(dialog.moving.strips["p1"].mute)
    rig.until(lambda: rig.fake.state.participants["p1"].muted)
    rig.until(lambda: dialog.moving.strips["p1"].mute.property("muted"))
    assert "p1" in dialog.moving.strips, "the strip does not run away from under the hand"
    rig.key(Qt.Key.Key_F2)
    assert [d for d in rig.window.findChildren(MixerDialog) if d.isVisible()] == [dialog], "there is one"


def test_meters_run_and_a_fader_keeps_its_place_while_facts_come(session: Session) -> None:
    rig = session(4, media=True)
    hall_on(rig.fake)
    strips = rig.window.console.audio.strips.strips
    rig.until(lambda: "hall" in strips and strips["hall"].meter._lit > 5)
    kept = strips["bus:program"]
    rig.fake.tell(f.FaderSet(target="bus:program", gain_db=-6.0), f.HallMuted(muted=True))
    rig.until(lambda: kept.fader.gain_db == -6.0)
    assert strips["bus:program"] is kept


def test_tone_and_soft_duck_are_switches_of_the_mixer(session: Session) -> None:
    rig = session(4)
    rig.do(rig.window.show_mixer)
    dialog = rig.dialog(MixerDialog)
    rig.click(dialog.tone)
    rig.until(lambda: dialog.tone.property("on"))
    rig.click(dialog.duck)
    rig.until(lambda: dialog.duck.property("on"))
    assert rig.fake.state.mixing.test_tone
    assert rig.fake.state.mixing.duck_inactive
    rig.click(dialog.tone)
    rig.until(lambda: not dialog.tone.property("on"))


def test_a_talk_button_that_goes_away_while_pressed_lets_go(session: Session) -> None:
    rig = session(4)
    hall_on(rig.fake, push_to_talk=True)
    rig.do(rig.window.show_mixer)
    dialog = rig.dialog(MixerDialog)
    rig.until(dialog.talk.isEnabled)
    at = dialog.talk.rect().center()
    rig.do(lambda: QTest.mousePress(dialog.talk, Qt.MouseButton.LeftButton, PLAIN, at))
    rig.until(lambda: rig.fake.state.mixing.talk_held)
    rig.do(dialog.reject)
    rig.until(lambda: not rig.fake.state.mixing.talk_held)


def test_the_held_keys_count_in_the_mixer_too(session: Session) -> None:
    rig = session(4)
    hall_on(rig.fake)
    rig.do(rig.window.show_mixer)
    dialog = rig.dialog(MixerDialog)
    rig.do(dialog.activateWindow)
    rig.until(dialog.isActiveWindow)
    rig.do(lambda: QTest.keyPress(dialog.windowHandle(), Qt.Key.Key_K))
    rig.until(lambda: rig.fake.state.mixing.cough_held)
    rig.do(lambda: QTest.keyRelease(dialog.windowHandle(), Qt.Key.Key_K))
    rig.until(lambda: not rig.fake.state.mixing.cough_held)
    rig.do(dialog.reject)
    rig.settle()


def test_a_hall_without_sound_leads_to_the_set_up(session: Session) -> None:
    rig = session(4)
    audio = rig.window.console.audio
    assert audio.setup.isVisible()
    assert "hall" not in audio.strips.strips
    rig.click(audio.setup)
    rig.dialog(HallWizard)


def test_the_canceller_says_how_it_does(session: Session) -> None:
    rig = session(4)
    hall_on(rig.fake)
    echo = rig.window.console.audio.echo
    rig.until(lambda: echo.property("tone") == "good")
    assert echo.accessibleName() == "Full duplex · ERLE 31 dB · 84 ms · −12 ppm"
    fallen = hall_figures()["echo"] | {"mode": "strong", "fallen_back": True, "erle_db": 6.0}
    rig.fake.observe(hall_sound=hall_figures(echo=fallen))
    rig.until(lambda: echo.property("tone") == "warn")
    assert echo.accessibleName().startswith("Fallen back to strong · ERLE 6 dB")
    rig.fake.observe(hall_sound=hall_figures(state="failed", code="server_gone"))
    rig.until(lambda: echo.property("tone") == "bad")
    rig.click(echo)
    rig.dialog(HallDialog)
    rig.fake.tell(f.HallSoundSet(hall=HallSound()))
    rig.until(lambda: not echo.isVisible())

"""Tests of the hall's sound in the window: devices, set-up, tests, failures, held keys, whose echo."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import EchoMode, SourceKind
from tests.ui.fake_session import hall_figures, hall_on, sound_devices
from tests.ui.rig import Rig
from ui.dialogs.hall_dialog import HallDialog
from ui.dialogs.hall_wizard import HallWizard
from ui.panels.sites_tab import sound_text
from ui.wall.painter import note_of

Session = Callable[..., Rig]
T, K, I, E = Qt.Key.Key_T, Qt.Key.Key_K, Qt.Key.Key_I, Qt.Key.Key_E  # noqa: E741 (as they stand on the keyboard)


def press(rig: Rig, key: Qt.Key, *, repeats: int = 0) -> None:
    """Press a key as the system does, with its repeats, and keep it down."""
    rig.do(rig.window.activateWindow)
    rig.until(rig.window.isActiveWindow)
    handle = rig.window.windowHandle()
    rig.do(lambda: QTest.keyPress(handle, key))
    for _ in range(repeats):
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            rig.do(partial(send_repeat, rig, kind, key))
    rig.settle()


def send_repeat(rig: Rig, kind: QEvent.Type, key: Qt.Key) -> None:
    event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "", True)
    rig.app.sendEvent(rig.app.focusWidget() or rig.window, event)


def let_go(rig: Rig, key: Qt.Key) -> None:
    handle = rig.window.windowHandle()
    rig.do(lambda: QTest.keyRelease(handle, key))
    rig.settle()


def choose(rig: Rig, combo: QComboBox, value: object) -> None:
    """Choose an entry as a click on it does."""
    index = combo.findData(value)
    assert index >= 0

    def act() -> None:
        combo.setCurrentIndex(index)
        combo.activated.emit(index)

    rig.do(act)


# ---- keys


def test_push_to_talk_is_held_once_however_often_the_key_repeats(session: Session) -> None:
    rig = session(4)
    hall_on(rig.fake, push_to_talk=True)
    rig.until(lambda: rig.window.console.bar.hall.text() == "Hold T")
    press(rig, T, repeats=4)
    rig.until(lambda: rig.fake.state.mixing.talk_held)
    rig.until(lambda: rig.window.console.bar.hall.property("on"))
    assert rig.asked(p.HoldHallKey) == [p.HoldHallKey(key="talk", held=True)]
    let_go(rig, T)
    rig.until(lambda: not rig.fake.state.mixing.talk_held)
    assert len(rig.asked(p.HoldHallKey)) == 2


def test_cough_takes_the_hall_off_while_it_is_held(session: Session) -> None:
    rig = session(4)
    hall_on(rig.fake)
    press(rig, K)
    rig.until(lambda: not rig.fake.state.hall_audible)
    rig.until(lambda: not rig.window.console.bar.hall.property("on"))
    let_go(rig, K)
    rig.until(lambda: rig.fake.state.hall_audible)


def test_leaving_the_window_lets_go(session: Session) -> None:
    rig = session(4)
    hall_on(rig.fake, push_to_talk=True)
    press(rig, T)
    rig.until(lambda: rig.fake.state.mixing.talk_held)
    rig.do(rig.window.show_help)
    rig.until(lambda: not rig.fake.state.mixing.talk_held)


def test_talk_in_the_search_field_is_a_letter(session: Session) -> None:
    rig = session(4)
    rig.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    rig.until(rig.window.console.wall.search.hasFocus)
    press(rig, T)
    let_go(rig, T)
    assert rig.window.console.wall.search.text() == "t" or not rig.asked(p.HoldHallKey)
    assert not rig.asked(p.HoldHallKey)


def test_talkback_goes_to_the_selected_office_held_or_until_asked_again(session: Session) -> None:
    rig = session(9)
    rig.context.desk.set(selected="")
    press(rig, I)
    let_go(rig, I)
    assert not rig.asked(p.SetTalkback)
    assert rig.window.toaster.texts == ["Select a tile first"]
    rig.context.desk.set(selected="p4")
    press(rig, I)
    rig.until(lambda: rig.fake.state.mixing.talkback == "p4")
    rig.until(lambda: rig.window.console.wall.view.wall.feeds[3].talkback)
    rig.until(lambda: rig.window.status._trouble.text() == "You speak to Kec. Kertak Hanyar only")
    assert rig.window.console.inspector._lines[0].text() == "You speak to Kec. Kertak Hanyar only"
    let_go(rig, I)
    rig.until(lambda: not rig.fake.state.mixing.talkback)
    rig.key(I, Qt.KeyboardModifier.ShiftModifier)
    rig.until(lambda: rig.fake.state.mixing.talkback == "p4")
    rig.key(I, Qt.KeyboardModifier.ShiftModifier)
    rig.until(lambda: not rig.fake.state.mixing.talkback)


def test_an_engine_that_went_away_is_not_asked_to_let_go(session: Session) -> None:
    rig = session(4)
    hall_on(rig.fake, push_to_talk=True)
    press(rig, T)
    rig.until(lambda: rig.fake.state.mixing.talk_held)
    rig.stop_engine()
    rig.until(lambda: not rig.context.replica.connected)
    let_go(rig, T)
    assert rig.window.toaster.texts == []


# ---- whose echo


def test_the_office_that_returns_sound_is_named_and_turned_down_by_one_key(session: Session) -> None:
    rig = session(9)
    feeds = rig.window.console.wall.view.wall
    rig.context.desk.set(selected="p2")
    rig.fake.observe_all({"echo.p4": {"score": 0.7, "returns": True, "delay_ms": 210, "since_ms": 1}})
    rig.until(lambda: feeds.feeds[3].echo)
    assert rig.window.toaster.texts == ["Echo from Kec. Kertak Hanyar · E turns it down"]
    assert note_of(feeds.feeds[3])[0] == "E · Echo from Kec. Kertak Hanyar"
    assert "returns sound" in feeds.data(feeds.index(3), Qt.ItemDataRole.AccessibleTextRole)
    rig.context.desk.set(selected="p4")
    rig.settle()
    text = rig.window.console.inspector._lines[0].text()
    assert text == "Echo from Kec. Kertak Hanyar · E turns it down"
    rig.key(E)
    rig.until(lambda: rig.fake.state.mixing.ducked == ("p4",))
    rig.until(lambda: feeds.feeds[3].ducked)
    assert note_of(feeds.feeds[3])[0] == "Turned down · E brings back"
    rig.until(lambda: rig.window.console.inspector._duck.property("on"))
    rig.key(E)
    rig.until(lambda: not rig.fake.state.mixing.ducked)


def test_the_key_says_when_nobody_returns_sound(session: Session) -> None:
    rig = session(4)
    rig.key(E)
    assert rig.window.toaster.texts == ["No office returns sound"]
    assert not rig.asked(p.SetParticipantDucked)


def test_an_office_that_joined_twice_is_said_on_tile_and_in_the_site_list(session: Session) -> None:
    rig = session(9)
    rig.fake.observe_all({"twin.p2": {"other": "p3"}, "twin.p3": {"other": "p2", "near": True}})
    feeds = rig.window.console.wall.view.wall
    rig.until(lambda: feeds.feeds[1].twin == "3 M. Ilham")
    assert note_of(feeds.feeds[1])[0] == "Joined twice: no. 3 M. Ilham"
    assert note_of(feeds.feeds[2])[0] == "Same room as no. 2 Drs. H. Syaifuddin"
    assert sound_text(feeds.feeds[2]) == "In the same room as no. 2 Drs. H. Syaifuddin"
    rig.fake.observe_all({"twin.p2": None, "twin.p3": None})
    rig.until(lambda: not feeds.feeds[1].twin)


# ---- the button of the bar


def test_a_hall_without_sound_is_unused_and_its_button_leads_to_the_set_up(session: Session) -> None:
    rig = session(4)
    button = rig.window.console.bar.hall
    assert (button.text(), button.property("on")) == ("Hall off", False)
    assert button.accessibleName() == "The hall's sound is not used: set it up"
    rig.click(button)
    rig.do(rig.dialog(HallWizard).reject)
    assert not rig.asked(p.SetHallMuted)
    hall_on(rig.fake)
    rig.until(lambda: button.property("on"))
    assert button.text() == "Hall mic"
    rig.click(button)
    rig.until(lambda: rig.fake.state.hall_muted)


# ---- devices


def test_a_device_is_shown_when_the_engine_has_taken_it(session: Session) -> None:
    rig = session(2)
    hall_on(rig.fake)
    rig.do(rig.window.show_hall_sound)
    combo = rig.dialog(HallDialog).devices.fields["input"].combo
    rig.until(lambda: combo.count() == 5)
    assert combo.itemText(0) == "Default of the system: Mikrofon meja (USB)"
    assert "Pengeras suara aula" not in [combo.itemText(i) for i in range(combo.count())]
    rig.fake.silent = True
    choose(rig, combo, "Jabra Speak 750")
    rig.settle()
    assert combo.currentData() == ""
    rig.fake.silent = False
    choose(rig, combo, "Jabra Speak 750")
    rig.until(lambda: combo.currentData() == "Jabra Speak 750")
    assert rig.asked(p.SetHallSound)[-1] == p.SetHallSound(input="Jabra Speak 750")


def test_a_device_that_is_gone_stays_chosen(session: Session) -> None:
    rig = session(2)
    hall_on(rig.fake, input="Mikrofon lama")
    rig.do(rig.window.show_hall_sound)
    field = rig.dialog(HallDialog).devices.fields["input"]
    rig.until(lambda: field.combo.currentText() == "Mikrofon lama (not there now)")
    lost = {
        "wanted": "Mikrofon lama",
        "state": "failed",
        "code": "vanished",
        "args": {"name": "Mikrofon lama"},
    }
    rig.fake.observe(hall_sound=hall_figures(input=lost))
    rig.until(lambda: field.state.text().startswith("Mikrofon lama is gone."))
    assert field.state.property("role") == "bad"


def test_switches_and_mode_follow_facts(session: Session) -> None:
    rig = session(2)
    hall_on(rig.fake)
    rig.do(rig.window.show_hall_sound)
    dialog = rig.dialog(HallDialog)
    choose(rig, dialog.treatment.mode, EchoMode.STRONG)
    rig.until(lambda: rig.fake.state.hall_sound.echo_mode is EchoMode.STRONG)
    rig.until(lambda: dialog.treatment.mode.currentData() == EchoMode.STRONG)
    for check, name in (
        (dialog.treatment.noise, "noise_suppression"),
        (dialog.treatment.gain, "gain_control"),
        (dialog.treatment.push, "push_to_talk"),
    ):
        rig.do(check.click)
        rig.until(check.isChecked)
        assert getattr(rig.fake.state.hall_sound, name)
    rig.fake.silent = True
    rig.do(dialog.on.click)
    rig.settle()
    assert dialog.on.isChecked(), "still on: the engine has not said otherwise"


def test_the_operators_microphone_has_a_level(session: Session) -> None:
    rig = session(2, media=True)
    hall_on(rig.fake, operator_input="Headset operator")
    running = {
        "wanted": "Headset operator",
        "name": "Headset operator",
        "state": "running",
        "rate_hz": 44_100,
    }
    rig.fake.observe(hall_sound=hall_figures(operator=running | {"channels": 1}))
    rig.do(rig.window.show_hall_sound)
    field = rig.dialog(HallDialog).devices.fields["operator_input"]
    rig.until(lambda: field.level.lit > 5)
    assert "44.1 kHz" in field.state.text()


# ---- tests and set-up


def test_a_test_shows_its_way_and_can_be_stopped(session: Session) -> None:
    rig = session(2)
    hall_on(rig.fake)
    rig.do(rig.window.show_hall_sound)
    box = rig.dialog(HallDialog).tests
    rig.until(box.buttons["room"].isEnabled)
    rig.click(box.buttons["room"])
    rig.until(box.cancel.isVisible)
    looked, asked = rig.asked(p.RunAudioTest)
    assert looked == p.RunAudioTest(test="devices"), "the list is as fresh as the look at it"
    assert asked == p.RunAudioTest(test="room", target="hall")
    rig.fake.observe(audio_test={"test": "room", "target": "hall", "state": "running", "progress": 0.4})
    rig.until(lambda: box.bar.value() == 400)
    assert not box.buttons["chime"].isEnabled(), "one at a time"
    rig.click(box.cancel)
    rig.until(lambda: rig.asked(p.StopAudioTest))
    rig.until(lambda: not box.cancel.isVisible())
    rig.click(box.buttons["room"])
    rig.until(box.cancel.isVisible)
    rig.do(rig.dialog(HallDialog).reject)
    rig.until(lambda: len(rig.asked(p.StopAudioTest)) == 2, "none is left running that nobody can stop")


def test_a_test_that_was_begun_elsewhere_outlives_the_dialogs(session: Session) -> None:
    rig = session(2)
    hall_on(rig.fake)
    rig.do(rig.window.show_hall_sound)
    box = rig.dialog(HallDialog).tests
    rig.until(box.buttons["room"].isEnabled)
    rig.fake.refuse = p.Refusal(code="busy", text_id="Sibuk.", text_en="Busy.")
    rig.click(box.buttons["room"])
    rig.until(lambda: rig.window.toaster.texts == ["Busy."])
    rig.fake.observe(audio_test={"test": "room", "target": "hall", "state": "running"})
    rig.until(box.cancel.isVisible)
    rig.do(rig.dialog(HallDialog).reject)
    rig.do(rig.window.show_hall_setup)
    rig.do(rig.dialog(HallWizard).reject)
    rig.settle()
    assert not rig.asked(p.StopAudioTest)


def test_a_room_test_gives_figures_and_advice(session: Session) -> None:
    rig = session(2)
    hall_on(rig.fake)
    rig.do(rig.window.show_hall_sound)
    box = rig.dialog(HallDialog).tests
    measured = {"delay_ms": 84.0, "coupling_db": 9.0, "drift_ppm": 12.0, "erle_db": 24.0}
    rig.fake.observe(audio_test={"test": "room", "state": "done"} | measured)
    rig.until(box.advice.isVisible)
    assert box.result.text() == "delay 84 ms · echo in the microphone 9 dB · ERLE 24 dB · 12 ppm"
    assert box.advice.text().startswith("Turn the loudspeaker down by 6 dB")
    rig.fake.observe(audio_test={"test": "room", "state": "done"} | measured | {"coupling_db": -8.0})
    rig.until(lambda: box.advice.text() == "The room is good as it is.")
    rig.fake.observe(audio_test={"test": "room", "state": "failed", "code": "not_heard"})
    rig.until(lambda: "did not hear" in box.result.text())


def next_step(rig: Rig, wizard: HallWizard) -> None:
    rig.click(wizard.yes)


def test_the_set_up_leads_from_camera_to_open_microphones(session: Session) -> None:
    rig = session(2, media=True)
    rig.fake.observe_all({"devices": sound_devices()})
    rig.key(Qt.Key.Key_F4)
    wizard = rig.dialog(HallWizard)
    rig.click(wizard.camera.use)
    rig.until(lambda: wizard.camera.source is not None)
    added = rig.asked(p.AddSource)[0]
    assert (added.kind, added.hall) == (SourceKind.CAMERA, True)
    rig.until(lambda: rig.fake.wants.tiles.get(wizard.camera.source_id) == (480, 270))
    next_step(rig, wizard)
    rig.until(lambda: rig.fake.wants.tiles.get(wizard.camera.source_id) != (480, 270))
    rig.click(wizard.turn_on)
    rig.until(lambda: rig.fake.state.hall_sound.on)
    assert rig.fake.state.hall_muted, "a hall that is being set up is not heard"
    hall_on(rig.fake)
    next_step(rig, wizard)
    rig.until(wizard.hearing.buttons["playback"].isEnabled)
    rig.click(wizard.hearing.buttons["playback"])
    rig.until(lambda: p.RunAudioTest(test="playback") in rig.asked(p.RunAudioTest))
    rig.fake.observe(audio_test={"test": "playback", "state": "done"})
    next_step(rig, wizard)
    next_step(rig, wizard)
    rig.until(wizard.microphones.isVisible)
    rig.click(wizard.microphones)
    rig.until(lambda: not rig.fake.state.hall_muted)
    rig.until(lambda: wizard._end.text() == "The hall hears the offices and is heard.")
    rig.fake.observe(hall_sound=hall_figures(state="failed", code="no_devices"))
    rig.until(lambda: wizard._end.text().startswith("This machine has no sound device."))
    rig.click(wizard.yes)
    rig.until(lambda: not [d for d in rig.window.findChildren(HallWizard) if d.isVisible()])


def test_a_hall_that_cannot_be_muted_is_not_turned_on(session: Session) -> None:
    rig = session(2)
    rig.do(rig.window.show_hall_setup)
    wizard = rig.dialog(HallWizard)
    wizard.go(1)
    rig.until(lambda: rig.asked(p.RunAudioTest))  # the list of devices
    rig.settle()
    rig.fake.refuse = p.Refusal(code="no", text_id="Tidak.", text_en="No.")
    rig.click(wizard.turn_on)
    rig.until(lambda: rig.window.toaster.texts == ["No."])
    rig.settle()
    assert not rig.asked(p.SetHallSound)
    assert not rig.fake.state.hall_sound.on


def test_the_set_up_can_be_left_at_once_and_changes_nothing(session: Session) -> None:
    rig = session(2)
    rig.do(rig.window.show_hall_setup)
    before = len([c for c in rig.fake.commands if not isinstance(c, p.SetWants)])
    rig.click(rig.dialog(HallWizard).no)
    assert len([c for c in rig.fake.commands if not isinstance(c, p.SetWants)]) == before


def test_a_session_that_ends_takes_the_set_up_along(session: Session) -> None:
    rig = session(2)
    rig.do(rig.window.show_hall_setup)
    wizard = rig.dialog(HallWizard)
    rig.fake.tell(f.SessionClosed())
    rig.until(lambda: rig.window.pages.currentWidget() is rig.window.open_page)
    assert not [d for d in rig.window.findChildren(HallWizard) if d is wizard and d.isVisible()]


# ---- failures


CODES = (
    "no_input",
    "no_output",
    "vanished",
    "dead",
    "rerouted",
    "server_gone",
    "rate",
    "library_missing",
    "busy",
    "no_devices",
    "something_new",
)


@pytest.mark.parametrize("language", ["id", "en"])
def test_each_failure_is_said_in_words_with_its_time(session: Session, language: str) -> None:
    rig = session(2)
    hall_on(rig.fake)
    rig.window.status.language_wanted.emit(language)
    rig.until(lambda: rig.context.settings.language == language)
    banner, said = rig.window.console.hall_trouble, set[str]()
    for number, code in enumerate(CODES, 1):
        figures = hall_figures(state="failed", code=code, args={"name": "Mik A"}, since_ms=1_836_441_737_000)
        rig.fake.observe(hall_sound=figures)
        rig.until(lambda: banner.isVisible() and banner._detail.text() not in said)
        text = banner._detail.text()
        said.add(text)
        assert len(said) == number
        assert "_" not in text
        assert "10:42:17" in text, "in the session's time zone"
        assert ("go on" if language == "en" else "tetap berjalan") in text


def test_a_microphone_that_was_put_elsewhere_is_said_and_forgotten_when_right(session: Session) -> None:
    rig = session(2)
    hall_on(rig.fake)
    banner = rig.window.console.hall_trouble
    assert not banner.isVisible()
    routed = {"name": "Monitor of X", "state": "rerouted", "code": "rerouted", "args": {"name": "Mik meja"}}
    rig.fake.observe(hall_sound=hall_figures(input=routed))
    rig.until(banner.isVisible)
    assert "in place of Mik meja" in banner._detail.text()
    assert isinstance(banner.button, QPushButton)
    rig.click(banner.button)
    rig.do(rig.dialog(HallDialog).reject)
    rig.fake.observe(hall_sound=hall_figures())
    rig.until(lambda: not banner.isVisible())


def test_the_first_start_offers_the_set_up_once(rig: Rig) -> None:
    rig.start_engine()
    window = rig.open_window()
    rig.until(lambda: window.pages.currentWidget() is window.open_page)
    assert window.open_page.setup.isVisible()
    window.open_page.name.setText("Rapat pertama")
    rig.click(window.open_page.open)
    rig.until(lambda: [d for d in window.findChildren(HallWizard) if d.isVisible()])
    rig.click(rig.dialog(HallWizard).no)
    rig.fake.tell(f.SessionClosed())
    rig.until(lambda: window.pages.currentWidget() is window.open_page)
    assert not window.open_page.setup.isVisible(), "asked once"
    rig.click(window.open_page.open)
    rig.until(lambda: window.pages.currentWidget() is window.console)
    rig.settle(0.2)
    assert not [d for d in window.findChildren(HallWizard) if d.isVisible()]


def test_the_set_up_can_be_left_out_at_the_first_start(rig: Rig) -> None:
    rig.start_engine()
    window = rig.open_window()
    rig.until(lambda: window.pages.currentWidget() is window.open_page)
    rig.do(window.open_page.setup.click)
    window.open_page.name.setText("Rapat")
    rig.click(window.open_page.open)
    rig.until(lambda: window.pages.currentWidget() is window.console)
    rig.settle(0.2)
    assert not [d for d in window.findChildren(HallWizard) if d.isVisible()]

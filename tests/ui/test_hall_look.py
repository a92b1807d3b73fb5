"""Tests of the look of the hall's sound: nothing cut off, all named and reachable, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QDialog, QLabel

from operator_console.session import facts as f
from tests.ui.fake_session import hall_figures, hall_on
from tests.ui.hostile import NAMES
from tests.ui.rig import Rig
from tests.ui.test_look import cut_off, nameless, opened, outside
from ui.dialogs.hall_wizard import HallWizard

Session = Callable[..., Rig]
SIZES = ((1920, 1080), (1280, 720))


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_the_panel_is_not_cut_off(rig: Rig, size: tuple[int, int], language: str) -> None:
    window = opened(rig, size, language)
    hall_on(rig.fake, push_to_talk=True)
    rig.fake.tell(f.ParticipantDucked(participant_id="p5", ducked=True), f.TalkbackSet(participant_id="p5"))
    rig.until(lambda: "hall" in window.console.audio.strips.strips)
    rig.settle(0.2)
    assert cut_off(window) == []
    assert outside(window) == []
    assert nameless(window) == []
    assert (window.width(), window.height()) == size
    rig.fake.observe(hall_sound=hall_figures(state="failed", code="server_gone"))
    rig.until(window.console.hall_trouble.isVisible)
    rig.settle(0.2)
    assert cut_off(window) == []
    assert outside(window) == []
    for panel in (window.console.side, window.console.inspector, window.console.audio):
        assert panel.height() >= panel.minimumSizeHint().height(), f"{panel} is squeezed"
    hall = window.console.audio.strips.strips["hall"]
    assert hall.fader.height() >= 48, "a fader one can work with"
    for control in (hall.mute, hall.fader):
        assert control.visibleRegion().boundingRect().size() == control.size(), "whole, not cut off below"


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_dialog_of_the_hall_is_cut_off(rig: Rig, language: str) -> None:
    window = opened(rig, (1280, 720), language, feeds=9)
    hall_on(rig.fake)
    measured = {"delay_ms": 484.0, "coupling_db": 9.0, "drift_ppm": 312.0, "erle_db": 4.0}
    rig.fake.observe(audio_test={"test": "room", "state": "done"} | measured)
    for open_dialog in (window.show_mixer, window.show_hall_sound, window.show_hall_setup):
        rig.do(open_dialog)
        rig.settle(0.2)
        (dialog,) = [d for d in window.findChildren(QDialog) if d.isVisible()]
        for step in range(dialog.pages.count() if isinstance(dialog, HallWizard) else 1):
            if isinstance(dialog, HallWizard):
                rig.do(lambda dialog=dialog, step=step: dialog.go(step))  # type: ignore[misc]
                rig.settle(0.1)
            assert cut_off(dialog) == []
            assert nameless(dialog) == []
            assert dialog.height() <= window.height()
        rig.do(dialog.reject)
        rig.settle(0.05)


@pytest.mark.parametrize("name", NAMES[2:9:2])
def test_hostile_device_names_stay_text(session: Session, name: str) -> None:
    rig = session(2)
    hall_on(rig.fake, input=name)
    device = {"wanted": name, "name": name, "state": "failed", "code": "busy", "args": {"name": name}}
    rig.fake.observe(
        devices=[{"name": name, "inputs": 1, "outputs": 1}], hall_sound=hall_figures(input=device)
    )
    rig.do(rig.window.show_hall_sound)
    rig.settle(0.2)
    (dialog,) = [d for d in rig.window.findChildren(QDialog) if d.isVisible()]
    for top in (rig.window, dialog):
        assert all(
            line.isprintable() for label in top.findChildren(QLabel) for line in label.text().split("\n")
        )
    assert (rig.window.width(), rig.window.height()) == (1600, 900)
    assert outside(rig.window) == []

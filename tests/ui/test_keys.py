"""Tests of the keys: each does what the table says; text fields and focused buttons keep theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from operator_console import protocol as p
from operator_console.session.model import LayoutKind
from tests.ui.fake_session import hall_on
from tests.ui.rig import Rig
from ui.dialogs.help import HelpDialog
from ui.dialogs.settings_dialog import SettingsDialog
from ui.keys import KEYS, key_text, make_shortcuts

Session = Callable[..., Rig]
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (Qt.Key.Key_Space, p.Take),
        (Qt.Key.Key_1, p.SetPreview),
        (Qt.Key.Key_6, p.SetPreview),
        (Qt.Key.Key_S, p.SetSpotlight),
        (Qt.Key.Key_M, p.SetParticipantMuted),
        (Qt.Key.Key_H, p.SetHallMuted),
        (Qt.Key.Key_V, p.SetNamesShown),
        (Qt.Key.Key_B, p.SetSlate),
        (Qt.Key.Key_C, p.MarkChapter),
        (Qt.Key.Key_N, p.LowerHand),
    ],
)
def test_single_keys(session: Session, key: Qt.Key, kind: type[p.Command]) -> None:
    rig = session(9)
    hall_on(rig.fake)
    rig.until(lambda: rig.context.replica.state.hall_sound.on)
    rig.context.desk.set(selected="p2")
    rig.key(key)
    rig.until(lambda: rig.asked(kind))


def test_space_cuts_and_enter_fades_where_no_tile_has_the_focus(session: Session) -> None:
    rig = session(9)
    rig.do(rig.window.setFocus)
    rig.key(Qt.Key.Key_Return)
    rig.until(lambda: rig.asked(p.Take))
    assert rig.asked(p.Take)[-1].transition == "fade"
    rig.key(Qt.Key.Key_Space)
    rig.until(lambda: len(rig.asked(p.Take)) == 2)
    assert rig.asked(p.Take)[-1].transition == "cut"


def previews(rig: Rig, kind: LayoutKind) -> bool:
    return rig.fake.state.program.preview.kind is kind


def test_layout_keys_choose_layouts(session: Session) -> None:
    rig = session(9)
    for key, kind in (
        (Qt.Key.Key_1, LayoutKind.SINGLE),
        (Qt.Key.Key_3, LayoutKind.PICTURE_IN_PICTURE),
        (Qt.Key.Key_4, LayoutKind.SPOTLIGHT_STRIP),
        (Qt.Key.Key_5, LayoutKind.GRID_2),
        (Qt.Key.Key_6, LayoutKind.GRID_3),
    ):
        rig.key(key)
        rig.until(partial(previews, rig, kind))


def test_letters_in_the_search_field_are_letters(session: Session) -> None:
    rig = session(9)
    rig.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = rig.window.console.wall.search
    rig.until(search.hasFocus)
    before = len(rig.fake.commands)
    rig.do(lambda: QTest.keyClicks(search, "smh 1b"))
    rig.settle(0.3)
    assert search.text() == "smh 1b"
    assert not [c for c in rig.fake.commands[before:] if not isinstance(c, p.SetWants)]
    rig.key(Qt.Key.Key_Escape)
    assert search.text() == ""
    assert rig.window.console.wall.view.hasFocus()


def test_a_click_leaves_no_focus_on_a_button_so_space_still_cuts(session: Session) -> None:
    rig = session(9)
    rig.click(rig.window.console.side._mute_all)
    rig.key(Qt.Key.Key_Space)
    rig.until(lambda: rig.asked(p.Take))
    assert len(rig.asked(p.MuteAll)) == 1


def test_a_button_reached_by_tab_takes_space_and_enter(session: Session) -> None:
    rig = session(9)
    button = rig.window.console.side._mute_all
    rig.do(lambda: button.setFocus(Qt.FocusReason.TabFocusReason))
    rig.key(Qt.Key.Key_Space)
    rig.key(Qt.Key.Key_Return)
    rig.until(lambda: len(rig.asked(p.MuteAll)) == 2)
    assert not rig.asked(p.Take)


def test_keys_for_the_selected_tile_say_when_there_is_none(session: Session) -> None:
    rig = session(4)
    texts = rig.window.toaster.texts
    rig.context.desk.set(selected="")
    rig.key(Qt.Key.Key_S)
    rig.until(lambda: rig.asked(p.SetSpotlight))
    assert rig.asked(p.SetSpotlight) == [p.SetSpotlight(source_id="")], "the running spotlight ends"
    rig.until(lambda: not rig.context.replica.state.program.spotlight)
    assert not texts
    rig.key(Qt.Key.Key_S)
    rig.until(lambda: rig.window.toaster.texts == ["Select a tile first"])
    rig.key(Qt.Key.Key_M)
    rig.settle()
    assert len(rig.asked(p.SetSpotlight)) == 1
    assert not rig.asked(p.SetParticipantMuted)


def test_help_lists_every_key(session: Session) -> None:
    rig = session(2)
    rig.key(Qt.Key.Key_F1)
    dialog = rig.dialog(HelpDialog)
    texts = {label.text() for label in dialog.findChildren(QLabel)}
    assert {key_text(key) for key in KEYS} <= texts
    rig.click(dialog.no)
    rig.key(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    rig.dialog(SettingsDialog)


def test_keys_of_a_session_do_nothing_before_it(rig: Rig) -> None:
    rig.start_engine()
    rig.open_window()
    rig.do(rig.window.setFocus)
    rig.key(Qt.Key.Key_Space)
    rig.key(Qt.Key.Key_H)
    rig.settle(0.2)
    assert not rig.asked(p.Take)
    assert not rig.asked(p.SetHallMuted)


def test_other_sequences_can_be_put_in_place(session: Session) -> None:
    rig = session(2)
    pressed: list[str] = []
    acts = {key.name: lambda name=key.name: pressed.append(name) for key in KEYS}
    for shortcut in rig.window._shortcuts:
        shortcut.setEnabled(False)
    made = make_shortcuts(rig.window, acts, {"cut": ("F11",)})
    rig.key(Qt.Key.Key_F11)
    assert pressed == ["cut"]
    assert len(made) >= len([key for key in KEYS if not key.fixed])


def test_a_key_without_an_action_is_an_error(session: Session) -> None:
    rig = session(2)
    with pytest.raises(KeyError):
        make_shortcuts(rig.window, {})

"""The line test in a dialog: what is asked, what is shown, and that it never says more than was tested."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QVBoxLayout

from operator_console import protocol as p
from tests.ui.rig import Rig
from ui.dialogs.base import Dialog
from ui.formats import Formats
from ui.line_test import LineTestBox, result_lines
from ui.observations import LineAnswerSeen, LineTestSeen

Session = Callable[..., Rig]
ANSWER = {
    "url": "rtmps://a.rtmps.youtube.com:443/live2",
    "ok": True,
    "secure": True,
    "connect_ms": 90,
    "rtt_ms": 45,
    "open_ms": 180,
}
DONE = {"destination_id": "YouTube", "state": "done", "addresses": [ANSWER]}


class Box:
    """A dialog with nothing but the test."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.key = ""
        self.dialog = Dialog(rig.window)
        self.test = LineTestBox(rig.context, self._target)
        assert isinstance(self.dialog.body, QVBoxLayout)
        self.dialog.body.addWidget(self.test)
        self.dialog.open()

    def _target(self) -> p.RunLineTest:
        return p.RunLineTest(destination_id="YouTube", url="rtmps://a/live2", key=self.key)

    @property
    def texts(self) -> list[str]:
        return [label.text() for label in self.test.results if label.isVisible()]

    def begin(self) -> None:
        asked = len(self.rig.asked(p.RunLineTest))
        self.rig.click(self.test.button)
        self.rig.until(lambda: len(self.rig.asked(p.RunLineTest)) > asked)


@pytest.fixture
def box(session: Session) -> Iterator[Box]:
    rig = session(2)
    made: list[Box] = []
    rig.do(lambda: made.append(Box(rig)))
    yield made[0]
    rig.do(made[0].dialog.reject)


def test_knocking_says_what_was_not_tested(box: Box) -> None:
    box.begin()
    asked = box.rig.asked(p.RunLineTest)[0]
    assert (asked.destination_id, asked.publish) == ("YouTube", False), (
        "publishing is asked for, never assumed"
    )
    box.rig.fake.observe(line_test={"destination_id": "YouTube", "state": "running", "step": "knock"})
    box.rig.until(box.test.cancel.isVisible)
    assert not box.test.button.isEnabled() and box.test.passed is None
    box.rig.fake.observe(line_test=DONE)
    box.rig.until(lambda: len(box.texts) == 2)
    assert box.texts[0] == "a.rtmps.youtube.com:443 answers within 45 ms; its certificate and name are right."
    assert box.texts[1].startswith("Not tested: the stream key")
    assert box.test.passed


def test_publishing_warns_before_and_gives_figures_after(box: Box) -> None:
    assert not box.test.warning.isVisible()
    box.rig.click(box.test.publish)
    box.rig.until(box.test.warning.isVisible)
    box.begin()
    assert box.rig.asked(p.RunLineTest)[0].publish
    running = {"destination_id": "YouTube", "state": "running", "step": "publish", "progress": 0.4}
    box.rig.fake.observe(line_test=running)
    box.rig.until(lambda: box.test.bar.value() == 400)
    speed = {
        "seconds": 8.0,
        "asked_kbps": 6128,
        "program_kbps": 4128,
        "sustained_kbps": 3000,
        "acknowledged": False,
        "worst_backlog_bytes": 760_000,
        "verdict": "too_slow",
    }
    box.rig.fake.observe(line_test={**DONE, "publish": True, "key_tested": True, "speed": speed})
    box.rig.until(lambda: len(box.texts) == 5)
    assert box.texts[1] == "The line carried only 3.0 Mb/s; the program needs 4.1 Mb/s."
    assert box.texts[2] == "Set the video rate of the program to 2.4 Mb/s or less (settings, tab Picture)."
    assert "760 kB" in box.texts[3] and "what left this computer" in box.texts[3]
    assert box.texts[4].startswith("The server took the stream key.")
    assert box.test.passed is False


def test_a_backup_that_does_not_answer_is_a_warning(box: Box) -> None:
    box.begin()
    backup = {"url": "rtmps://b.example:443/live2", "code": "dns", "reason": "no such name"}
    box.rig.fake.observe(line_test={**DONE, "addresses": [ANSWER, backup]})
    box.rig.until(lambda: len(box.texts) == 3)
    assert box.texts[1].startswith("Backup address b.example:443: ")
    assert box.test.results[1].property("role") == "warn" and box.test.passed


def test_a_failure_says_why_and_another_destination_forgets_it(box: Box) -> None:
    box.begin()
    refused = {"url": "rtmp://127.0.0.1:9/live", "code": "refused", "reason": "refused"}
    box.rig.fake.observe(
        line_test={"destination_id": "YouTube", "state": "failed", "addresses": [refused], "code": "refused"}
    )
    box.rig.until(lambda: len(box.texts) == 1)
    assert box.test.results[0].property("role") == "bad" and box.test.passed is False
    box.rig.do(box.test.forget)
    assert box.texts == [] and box.test.passed is None


def test_a_test_that_is_refused_says_so_below_the_button(box: Box) -> None:
    refusal = p.Refusal(code="no_stream_key", text_id="Tanpa kunci.", text_en="No key.", args={"name": "TV"})
    box.rig.fake.refuse = refusal
    box.begin()
    box.rig.until(lambda: len(box.texts) == 1)
    assert "key" in box.texts[0] and box.test.results[0].property("role") == "warn"
    assert not box.rig.window.toaster.texts
    box.rig.fake.refuse = None
    box.begin()
    assert box.texts == []


def test_what_was_begun_here_ends_with_the_dialog(box: Box) -> None:
    box.begin()
    box.rig.fake.observe(line_test={"destination_id": "YouTube", "state": "running", "step": "knock"})
    box.rig.until(box.test.cancel.isVisible)
    box.rig.do(box.test.end)
    box.rig.until(lambda: bool(box.rig.asked(p.StopLineTest)))


def test_an_answer_at_once_is_no_answer_in_nothing() -> None:
    answer = LineAnswerSeen(url="rtmps://a/x", ok=True, rtt_ms=0.2)
    seen = LineTestSeen(state="running", addresses=(answer,))
    assert "within 1 ms" in result_lines(seen, Formats("en", "Asia/Jakarta"))[0].text

"""An engine that ends on purpose is not started again unasked; a port that is taken is said at once."""

from __future__ import annotations

from tests.ui.rig import Rig


def test_an_engine_that_was_stopped_is_started_again_only_by_the_operator(rig: Rig) -> None:
    rig.start_engine()
    window = rig.open_window()
    for socket in list(rig.fake.clients):
        rig.run(socket.close(code=1001))
    rig.stop_engine()
    rig.until(window.waiting.again.isVisible)
    starts = rig.starts
    rig.click(window.waiting.again)
    rig.until(lambda: rig.starts == starts + 1)


def test_the_first_page_says_that_the_port_is_taken(rig: Rig) -> None:
    rig.start_engine()
    window = rig.open_window()
    assert window.open_page.unreachable.isHidden()
    rig.fake.observe(room={"state": "failed", "code": "port_taken", "args": {"port": "8443"}})
    rig.until(window.open_page.unreachable.isVisible)
    assert "8443" in window.open_page.unreachable.text()

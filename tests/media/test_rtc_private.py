"""Each undocumented name of aiortc and aioice on which the media path relies is still there."""

from __future__ import annotations

import pytest
from aiortc import RTCRtpSender

from media.rtc import private


@pytest.mark.parametrize("name", private.CANARIES)
def test_name_is_as_we_rely_on(name: str) -> None:
    assert private.CANARIES[name]()


def test_a_missing_name_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    private.verify_private_api.cache_clear()
    monkeypatch.delattr(RTCRtpSender, "send")
    assert private.verify_private_api() == ("RTCRtpSender.send is called by connect",)
    monkeypatch.undo()
    private.verify_private_api.cache_clear()
    assert private.verify_private_api() == ()

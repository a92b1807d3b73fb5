"""`verify` says what stands in the journal, and no terminal obeys it."""

from __future__ import annotations

from pathlib import Path

import pytest

from operator_console import verify
from operator_console.journal import Journal
from operator_console.session import facts as f


def test_a_title_that_would_steer_the_terminal_is_written_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.append("s1", "siti", [f.SessionOpened(session_id="s1", title="Rapat \x1b[2J\x07\u202e é")])
    assert verify._verify(journal, "", quick=True) == 0
    journal.close()
    said = capsys.readouterr().out
    assert "Rapat \\x1b[2J\\x07\\u202e é" in said
    assert all(c.isprintable() or c == "\n" for c in said)

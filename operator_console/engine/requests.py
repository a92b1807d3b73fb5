"""Answers to requests that hold no command of ours: the client is told, and stays attached."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from operator_console.commands import AnyCommand
from operator_console.protocol import Refusal, Reply
from operator_console.session.codes import RequestCode

MAX_WORD_CHARS = 64
COMMAND_WORDS = frozenset(kind.__struct_config__.tag for kind in AnyCommand.__args__)


class _Word(msgspec.Struct):
    cmd: str


class _Request(msgspec.Struct):
    t: Literal["request"]
    id: int
    command: _Word


_decode = msgspec.json.Decoder(_Request).decode


def reply_to_bad_request(frame: str, fault: str, rev: int) -> Reply | None:
    """The refusal of a request whose command cannot be read; None where it is not even a request.

    `fault` is the decoder's sentence, `rev` the revision of the state.
    """
    try:
        request = _decode(frame)
    except msgspec.MsgspecError:
        return None
    word = re.sub(r"[^\w]", "", request.command.cmd)[:MAX_WORD_CHARS]
    if request.command.cmd in COMMAND_WORDS:
        refusal = Refusal(
            code=RequestCode.BAD_COMMAND,
            text_id=f"Perintah {word} tidak lengkap atau nilainya salah. Perbarui program yang mengirimnya.",
            text_en=f"The command {word} is not complete or has a wrong value. Update what sent it.",
            args={"command": word, "fault": fault[:200]},
        )
    else:
        refusal = Refusal(
            code=RequestCode.UNKNOWN_COMMAND,
            text_id=f"Perintah {word} tidak dikenal mesin ini. Perbarui program yang mengirimnya.",
            text_en=f"This engine knows no command {word}. Update what sent it.",
            args={"command": word},
        )
    return Reply(id=request.id, ok=False, rev=rev, refusal=refusal)

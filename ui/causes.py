"""Words for what failed: from the stable codes of engine and workers to a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QLocale

from operator_console.protocol import Refusal
from ui.cause_texts import (
    CERTIFICATE,
    DAMAGE,
    FAULTS,
    JOURNAL,
    LIVESTREAM,
    PROGRAM,
    RECORDING,
    REPAIR,
    REQUEST,
    ROOM,
    SETTING,
    SIDES,
    SOURCE,
    WORKER,
)
from ui.dialogs.setting_texts import GROUPS
from ui.youtube.texts import TRUTH, YOUTUBE


class Family(StrEnum):
    """What failed; the same code may mean another thing in another family."""

    RECORDING = "recording"
    REPAIR = "repair"
    LIVESTREAM = "livestream"
    SOURCE = "source"
    ROOM = "room"
    CERTIFICATE = "certificate"
    JOURNAL = "journal"
    DAMAGE = "damage"
    PROGRAM = "program"
    WORKER = "worker"
    SETTING = "setting"
    REQUEST = "request"
    YOUTUBE = "youtube"
    TRUTH = "truth"


SENTENCES: dict[Family, Mapping[str, str]] = {
    Family.RECORDING: RECORDING,
    Family.REPAIR: REPAIR,
    Family.LIVESTREAM: LIVESTREAM,
    Family.SOURCE: SOURCE,
    Family.ROOM: ROOM,
    Family.CERTIFICATE: CERTIFICATE,
    Family.JOURNAL: JOURNAL,
    Family.DAMAGE: DAMAGE,
    Family.PROGRAM: PROGRAM,
    Family.WORKER: WORKER,
    Family.SETTING: SETTING,
    Family.REQUEST: REQUEST,
    Family.YOUTUBE: YOUTUBE,
    Family.TRUTH: TRUTH,
}


class Cause(Protocol):
    """Whatever says why it failed: a fact, a part of the state, an observation."""

    @property
    def code(self) -> str:
        """Stable name of the cause; empty where an older engine gave none."""

    @property
    def args(self) -> dict[str, str]:
        """Numbers, names and paths for the sentence."""

    @property
    def reason(self) -> str:
        """The same in English, for logs."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence for the operator, and all there is to know for a tool tip; both empty for no cause."""

    text: str = ""
    tip: str = ""

    @property
    def short(self) -> str:
        """What happened, without what to do about it."""
        return self.text.partition(". ")[0].rstrip(".")


class _Args(dict[str, str]):
    """Figures of a sentence; one that is missing must not take the sentence away."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentence(family: Family, code: str, args: Mapping[str, str]) -> str:
    """The sentence of a code in the window's language; empty for a code that is not known."""
    text = SENTENCES[family].get(code, "")
    return QCoreApplication.translate("Causes", text).format_map(_Args(args)) if text else ""


def worded(family: Family, *causes: Cause | None) -> Wording:
    """The first of these that says anything, in words.

    A code that is not known is said to be so, with the English detail in the tool tip.
    """
    found = next((one for one in causes if one is not None and (one.code or one.reason)), None)
    if found is None:
        return Wording()
    text = sentence(family, found.code, found.args)
    parts = [text]
    if not text:
        text = QCoreApplication.translate("Causes", "Unknown fault, see the details.")
        parts = [text, found.code]
    if family is Family.LIVESTREAM and found.code in FAULTS:
        parts.append(QCoreApplication.translate("Causes", SIDES[FAULTS[found.code]]))
    if found.reason:
        parts.append(QCoreApplication.translate("Causes", "Details: {detail}").format(detail=found.reason))
    return Wording(text, " ".join(part for part in parts if part))


def setting_name(name: str) -> str:
    """What the settings dialog calls a setting; its own name where it is not shown there."""
    text = next((names[name] for names in GROUPS.values() if name in names), "")
    return QCoreApplication.translate("SettingNames", text) if text else name


def _limits_in_mbps(args: Mapping[str, str]) -> dict[str, str]:
    """Limits of a bit rate in the unit of its field."""
    if not args.get("name", "").endswith("_bps"):
        return {}
    number = QLocale().toString
    limits = {key: args[key] for key in ("low", "high") if args.get(key, "").isdigit()}
    return {key: number(int(bps) / 1e6, "g", 6) + " Mb" for key, bps in limits.items()}


def refusal_text(refusal: Refusal, language: str) -> str:
    """The sentence of a refusal: worded here where its code says more, else the engine's own."""
    args = refusal.args
    if refusal.code == "setting":
        shown = {**args, **_limits_in_mbps(args), "name": setting_name(args.get("name", ""))}
        text = sentence(Family.SETTING, args.get("cause", ""), shown)
    elif refusal.code == "recording_folder":
        cause = sentence(Family.RECORDING, args.get("cause", ""), args)
        begun = QCoreApplication.translate("Causes", "The recording cannot be written in {folder}.")
        text = f"{begun.format_map(_Args(args))} {cause}" if cause else ""
    elif refusal.code == "youtube":
        text = sentence(Family.YOUTUBE, args.get("cause", ""), args)
    else:
        text = sentence(Family.REQUEST, refusal.code, args)
    return text or (refusal.text_en if language == "en" else refusal.text_id)

"""The chip of the recording: how long, how sure, and each of its paths in the tool tip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from operator_console.session.model import OutputPhase, Recording, SessionState
from ui.causes import Family, worded
from ui.context import Context
from ui.disk import one_disk_text
from ui.formats import duration
from ui.observations import PathSeen, RecorderSeen
from ui.panels.status_line import late_text
from ui.streams import pace
from ui.verified import verified
from ui.widgets.chip import Chip
from ui.widgets.labels import clean


def path_of(recording: Recording, seen: RecorderSeen | None) -> PathSeen | None:
    """What the recorder says of this file; what it last said of another one does not count."""
    paths: Sequence[PathSeen] = () if seen is None else seen.paths or (seen,)
    return next((one for one in paths if one.path == recording.path), None)


def phase_of(recording: Recording, seen: PathSeen | None) -> OutputPhase:
    """Phase to show: an end that the recorder reports counts even where it could not be journaled."""
    for ended in (OutputPhase.FAILED, OutputPhase.STOPPED):
        if recording.phase is ended or (seen is not None and seen.phase == ended):
            return ended
    return recording.phase if seen is not None else OutputPhase.STARTING


def written(state: SessionState, seen: RecorderSeen | None) -> list[tuple[PathSeen, Recording]]:
    """The paths whose file is being written, the first one first."""
    found = []
    for recording in (state.recording, state.second_recording):
        path = path_of(recording, seen) if recording is not None else None
        if recording is None or path is None or phase_of(recording, path) is not OutputPhase.STARTED:
            continue
        found.append((path, recording))
    return found


def in_trouble(state: SessionState, seen: RecorderSeen | None) -> list[Recording]:
    """Paths that should be written and are not, or ended although the operator did not ask for it."""
    both = (state.recording, state.second_recording)
    if not state.recording_wanted:
        return []
    return [
        one
        for one in both
        if one is not None
        and (phase_of(one, path_of(one, seen)) is OutputPhase.FAILED or (not one.wanted and one.code))
    ]


def show_recording(chip: Chip, context: Context) -> None:
    """Put the state of the recording into its chip."""
    state, seen = context.replica.state, context.replica.seen.recorder
    recording, running = state.recording, written(state, seen)
    phase = phase_of(recording, path_of(recording, seen)) if recording else OutputPhase.STOPPED
    if state.recording_paused_at_ms:
        since = QCoreApplication.translate("RecordingChip", "since {time}").format(
            time=context.formats.clock(state.recording_paused_at_ms)
        )
        chip.show_state(
            QCoreApplication.translate("RecordingChip", "RECORDING PAUSED"), since, "amber", "warn"
        )
    elif running:
        _show_written(chip, context, running)
    elif phase is OutputPhase.FAILED and recording is not None:
        cause = worded(Family.RECORDING, recording, path_of(recording, seen))
        again = QCoreApplication.translate("RecordingChip", "Recording failed, trying again")
        failed = QCoreApplication.translate("RecordingChip", "RECORDING FAILED")
        title = again if recording.retrying else failed
        chip.show_state(title, cause.short, "red", "bad", cause.tip)
    elif phase is OutputPhase.STOPPED and (state.second_recording is None or not state.recording_wanted):
        chip.show_state(QCoreApplication.translate("RecordingChip", "Not recording"), "", "text_off")
    else:
        chip.show_state(QCoreApplication.translate("RecordingChip", "Recording starts…"), "", "amber", "warn")


def _show_written(chip: Chip, context: Context, running: list[tuple[PathSeen, Recording]]) -> None:
    """The time is what stands in the file, so it stands still when nothing is written or heard of."""
    state, seen = context.replica.state, context.replica.seen
    main, trouble = running[0][0], in_trouble(state, seen.recorder)
    parts = [context.formats.size(main.bytes)]
    if chapters := len(state.chapters):
        parts.append(QCoreApplication.translate("RecordingChip", "chapter {n}").format(n=chapters))
    sure_files = all(verified(path) for path, _ in running)
    one_disk = seen.one_disk and len(running) > 1
    if trouble:
        parts.append(QCoreApplication.translate("RecordingChip", "one of 2 folders fails"))
    elif one_disk:
        parts.append(QCoreApplication.translate("RecordingChip", "both copies on one disk"))
    elif not sure_files:
        parts.append(QCoreApplication.translate("RecordingChip", "not verified"))
    elif text := _verified_text([path for path, _ in running]):
        parts.append(text)
    program = seen.program
    late = pace(program.fps, context.settings.air_fps) if program else ""
    if late:
        parts.append(QCoreApplication.translate("RecordingChip", "picture stutters"))
    sure = sure_files and not late and not trouble and not one_disk and context.replica.connected
    chip.show_state(
        _title(running[0][1].segment, duration(main.seconds)),
        " · ".join(parts),
        "red" if sure else "amber",
        "plain" if sure else "bad" if late == "bad" else "warn",
        "\n".join(([late_text()] if late else []) + folder_lines(context) + path_lines(context)),
    )


def _title(part: int, time: str) -> str:
    """After a pause or in a new file the time begins anew: without the part it would look like a loss."""
    if part > 1:
        return QCoreApplication.translate("RecordingChip", "REC part {n} · {time}").format(n=part, time=time)
    return QCoreApplication.translate("RecordingChip", "REC {time}").format(time=time)


def _verified_text(paths: Sequence[PathSeen]) -> str:
    """How sure the files are; empty where one has not been read back yet."""
    ages = [path.verified_ago_s for path in paths if path.verified_ago_s is not None]
    if not ages or len(ages) < len(paths):
        return ""
    if len(ages) > 1:
        return QCoreApplication.translate("RecordingChip", "{n} copies verified").format(n=len(ages))
    return QCoreApplication.translate("RecordingChip", "verified {n} s ago").format(n=f"{ages[0]:.0f}")


def folder_lines(context: Context) -> list[str]:
    """What is wrong with the folders themselves."""
    seen = context.replica.seen
    lines = [one_disk_text()] if seen.one_disk else []
    unknown = QCoreApplication.translate("RecordingChip", "How much room {folder} has is not known.")
    return lines + [unknown.format(folder=clean(folder)) for folder in seen.unknown_folders]


def path_lines(context: Context) -> list[str]:
    """A line for each path: where, how much, when last verified, or since when it fails and why."""
    state, formats = context.replica.state, context.formats
    lines = []
    for recording in (state.recording, state.second_recording):
        if recording is None or not (recording.wanted or recording.code):
            continue
        path = path_of(recording, context.replica.seen.recorder)
        cause = worded(Family.RECORDING, path, recording)
        if cause.text and path is not None and path.since_ms and path.phase != OutputPhase.STARTED:
            since = formats.clock(path.since_ms)
            text = QCoreApplication.translate("RecordingChip", "{path}: not written since {time}. {cause}")
            lines.append(text.format(path=recording.path, time=since, cause=cause.text))
        elif cause.text:
            lines.append(f"{recording.path}: {cause.text}")
        elif path is not None and path.verified_ago_s is not None:
            verified = QCoreApplication.translate("RecordingChip", "verified {n} s ago").format(
                n=f"{path.verified_ago_s:.0f}"
            )
            lines.append(f"{recording.path}: {formats.size(path.bytes)}, {verified}")
    return lines

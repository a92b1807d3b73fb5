"""Invitations: make a link, copy it, see and revoke those that are out."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from operator_console.protocol import CreateInvite, RevokeInvite
from operator_console.session.model import Invite
from ui.causes import Family, worded
from ui.context import Context
from ui.dialogs.base import Dialog, form_of
from ui.observations import RoomSeen
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import PlainLabel, clean
from ui.widgets.rows import Row, RowData, RowList


class InviteRow(Row):
    """One invitation; copy where the link is still known to this window."""

    def __init__(self, context: Context, invite_id: str) -> None:
        super().__init__()
        self._context, self._id = context, invite_id
        self._copy = IconButton(self.tr("Copy link"), "copy", colour="text_soft")
        self._revoke = IconButton(self.tr("Revoke"), "trash-2", colour="text_soft")
        self._copy.clicked.connect(self._on_copy)
        self._revoke.clicked.connect(lambda: context.replica.send(RevokeInvite(invite_id=invite_id)))
        self.line.addWidget(self._copy)
        self.line.addWidget(self._revoke)

    def show_controls(self, data: RowData, first: bool) -> None:
        """A link is seen only once: after a restart of the window it cannot be copied any more."""
        self._copy.setVisible(self._id in self._context.replica.invite_urls)
        self._copy.setAccessibleName(f"{self.tr('Copy link')}: {clean(data.title)}")
        self._revoke.setAccessibleName(f"{self.tr('Revoke')}: {clean(data.title)}")

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._context.replica.invite_urls.get(self._id, ""))


class CertificateBox(QFrame):
    """Where guests install the office's certificate, and the fingerprint that they compare with theirs."""

    def __init__(self) -> None:
        super().__init__()
        self._address, self._fingerprint = "", ""
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 0)
        lines.setSpacing(4)
        hint = PlainLabel("", "soft")
        hint.setWordWrap(True)
        hint.setText(
            self.tr(
                "If a browser warns that the connection is not safe: this page explains how to install the "
                "certificate once. Read the fingerprint out for comparison."
            )
        )
        self.address = QLineEdit()
        self.address.setReadOnly(True)
        self.address.setAccessibleName(self.tr("Page about the certificate"))
        self.copy = Button(self.tr("Copy"), "copy")
        self.copy.setAccessibleName(self.tr("Copy address and fingerprint of the certificate"))
        self.copy.clicked.connect(self._on_copy)
        line = QHBoxLayout()
        line.addWidget(self.address, 1)
        line.addWidget(self.copy)
        self.fingerprint = PlainLabel("", "soft")
        self.fingerprint.setWordWrap(True)
        self.fingerprint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        lines.addWidget(hint)
        lines.addLayout(line)
        lines.addWidget(self.fingerprint)

    def show_room(self, room: RoomSeen | None) -> None:
        """Show it where the console made the certificate itself; an official one needs no words."""
        address, fingerprint = (room.ca_url, room.ca_fingerprint) if room else ("", "")
        self.setVisible(bool(address and fingerprint))
        if (address, fingerprint) == (self._address, self._fingerprint):
            return
        self._address, self._fingerprint = address, fingerprint
        self.address.setText(address)
        self.address.setCursorPosition(0)
        self.fingerprint.setText(self.tr("SHA-256 fingerprint:") + "\n" + in_two_lines(fingerprint))
        self.copy.set_text(self.tr("Copy"))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._address}\nSHA-256: {self._fingerprint}")
        self.copy.set_text(self.tr("Copied"))


def in_two_lines(fingerprint: str) -> str:
    """The groups of a fingerprint in two lines of the same length."""
    groups = fingerprint.split(" ")
    half = len(groups) // 2
    return " ".join(groups[:half]) + "\n" + " ".join(groups[half:])


class InviteDialog(Dialog):
    """Form above, list below."""

    def __init__(self, parent: QWidget, context: Context) -> None:
        super().__init__(parent, width_px=560)
        self._context = context
        self.set_words(self.tr("Invitations"), self.tr("Close"))
        self.label = QLineEdit()
        self.label.setMaxLength(80)
        self.label.setPlaceholderText(self.tr("For example: all subdistricts"))
        self.uses = self._spin(1, 500, 30)
        self.hours = self._spin(1, 24 * 14, 24)
        self.auto = QCheckBox(self.tr("Let them in without the lobby"))
        numbers = QHBoxLayout()
        numbers.addLayout(form_of((self.tr("How many may use it"), self.uses)))
        numbers.addLayout(form_of((self.tr("Valid for hours"), self.hours)))
        self.make = Button(self.tr("Make link"), "link", "primary")
        self.make.clicked.connect(self._on_make)
        self.label.returnPressed.connect(self.make.click)
        self.body.addLayout(form_of((self.tr("For whom"), self.label)))
        self.body.addLayout(numbers)
        self.body.addWidget(self.auto)
        self.body.addWidget(self.make)
        self.body.addWidget(self._result())
        self.certificate = CertificateBox()
        self.body.addWidget(self.certificate)
        self._title = PlainLabel(self.tr("Invitations that are out"), "strong")
        self.rows = RowList(lambda key: InviteRow(context, key), self.tr("Invitations"))
        self.rows.setMinimumHeight(150)
        self.body.addWidget(self._title)
        self.body.addWidget(self.rows, 1)
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _spin(self, low: int, high: int, value: int) -> QSpinBox:
        field = QSpinBox()
        field.setRange(low, high)
        field.setValue(value)
        return field

    def _result(self) -> QFrame:
        self._box = QFrame()
        line = QHBoxLayout(self._box)
        line.setContentsMargins(0, 0, 0, 0)
        self.url = QLineEdit()
        self.url.setReadOnly(True)
        self.url.setAccessibleName(self.tr("Invitation link"))
        self.copy = Button(self.tr("Copy"), "copy")
        self.copy.clicked.connect(self._on_copy)
        line.addWidget(self.url, 1)
        line.addWidget(self.copy)
        self._box.hide()
        return self._box

    def _on_make(self) -> None:
        command = CreateInvite(
            label=self.label.text().strip(),
            max_uses=self.uses.value(),
            valid_minutes=self.hours.value() * 60,
            auto_admit=self.auto.isChecked(),
        )
        self._context.replica.send(command, self._on_made)

    def _on_made(self, result: dict[str, Any]) -> None:
        url, invite_id = result.get("url"), result.get("invite_id")
        if not isinstance(url, str) or not isinstance(invite_id, str):
            return
        self._context.replica.invite_urls[invite_id] = url
        self.url.setText(url)
        self.url.setCursorPosition(0)
        self._box.show()
        self.copy.set_text(self.tr("Copy"))
        self._show()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.url.text())
        self.copy.set_text(self.tr("Copied"))

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.INVITES, Kind.PEOPLE, Kind.PENDING, Kind.ROOM, Kind.LINK):
            self._show()

    def _show(self) -> None:
        replica = self._context.replica
        self.make.set_pending(replica.pending(CreateInvite))
        room = replica.seen.room
        failed = room is not None and room.state == "failed"
        self.make.setEnabled(not failed)  # a link that nobody can open is worse than none
        self.show_trouble(worded(Family.ROOM, room).text if failed else "")
        self.certificate.show_room(room)
        now_ms = self._context.ticker.now_ms()
        valid = [
            invite
            for invite in replica.state.invites.values()
            if not invite.revoked and not 0 < invite.expires_at_ms < now_ms
        ]
        self._title.setVisible(bool(valid))
        self.rows.setVisible(bool(valid))
        self.rows.show_rows([self._row(number, invite) for number, invite in enumerate(valid, 1)])

    def _row(self, number: int, invite: Invite) -> RowData:
        parts = [self.tr("{used} of {most} used").format(used=invite.uses, most=invite.max_uses)]
        if invite.expires_at_ms:
            formats = self._context.formats
            time = f"{formats.date(invite.expires_at_ms)} {formats.clock(invite.expires_at_ms)}"
            parts.append(self.tr("valid until {time}").format(time=time))
        if invite.auto_admit:
            parts.append(self.tr("without the lobby"))
        return RowData(invite.id, number, invite.label or self.tr("No name"), " · ".join(parts))

"""Garbage with Qt objects in it: deleted on the window's thread, whoever allocates."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Qt

from ui.garbage import GarbageCollector, collect_due


class Noted(QObject):
    """Notes in which thread it ends."""

    def __init__(self, ended_in: list[int]) -> None:
        super().__init__()
        self.me: Any = self
        self.destroyed.connect(
            lambda: ended_in.append(threading.get_ident()), Qt.ConnectionType.DirectConnection
        )


@pytest.fixture
def collector() -> Iterator[GarbageCollector]:
    made = GarbageCollector()
    yield made
    made.stop()


def allocate_much() -> None:
    kept = [[number] for number in range(200_000)]
    assert kept


def test_a_helper_thread_deletes_no_qt_object(collector: GarbageCollector) -> None:
    ended_in: list[int] = []
    for _ in range(50):
        Noted(ended_in)
    helper = threading.Thread(target=allocate_much)
    helper.start()
    helper.join()
    assert ended_in == []
    while gc.get_count()[0] > gc.get_threshold()[0]:
        collect_due()
        QCoreApplication.processEvents()
    gc.collect()
    assert ended_in == [threading.get_ident()] * 50


def test_without_it_a_helper_thread_would(qapp: QCoreApplication) -> None:
    ended_in: list[int] = []
    gc.enable()
    try:
        for _ in range(50):
            Noted(ended_in)
        helper = threading.Thread(target=allocate_much)
        helper.start()
        helper.join()
    finally:
        gc.disable()
    assert ended_in
    assert threading.get_ident() not in ended_in

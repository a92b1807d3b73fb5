"""The engine's side of the source workers: one process for each local source of the session."""

from __future__ import annotations

from media.reason import Reason, fields_of
from operator_console import protocol as p
from operator_console.engine.control import Connection
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.engine.supervisor import Supervisor
from operator_console.session.facts import FactRecord
from operator_console.session.model import SessionState, Source


class SourceHub:
    """Starts and ends source workers as sources are added and removed, and tells them what is wanted."""

    def __init__(self, store: SessionStore, observations: Observations, supervisor: Supervisor) -> None:
        self._store, self._observations, self._supervisor = store, observations, supervisor
        self._connections: dict[str, Connection] = {}
        self._wants: dict[str, p.Want] = {}
        store.listen(self._on_fact)

    def start_all(self) -> None:
        """Keep the workers of all sources of a resumed session."""
        for source in self._store.state.sources.values():
            self._keep(source)

    def _keep(self, source: Source) -> None:
        self._observations.set(f"source.{source.id}", {"state": "starting", **fields_of(None)})
        arguments = ["source", "--id", source.id, "--kind", str(source.kind), f"--name={source.name}"]
        self._supervisor.keep(
            source.id, *arguments, *([f"--address={source.address}"] if source.address else [])
        )

    def _on_fact(self, before: SessionState, after: SessionState, record: FactRecord) -> None:
        if before.sources is after.sources and not after.closed_at_ms:
            return
        wanted = {} if after.closed_at_ms else after.sources
        for source_id in set(before.sources) - set(wanted):
            self._end(source_id)
        for source_id in set(wanted) - set(before.sources):
            self._keep(wanted[source_id])

    def _end(self, source_id: str) -> None:
        self._supervisor.release(source_id)
        connection = self._connections.pop(source_id, None)
        if connection is not None:
            connection.send(p.EndWorker())
        self._observations.drop(f"source.{source_id}")
        self._observations.drop(f"media.{source_id}")

    def end_all(self) -> None:
        """Let all workers finish."""
        for connection in self._connections.values():
            connection.send(p.EndWorker())

    def attached(self, hello: p.WorkerHello, connection: Connection) -> None:
        """A source worker said hello."""
        if hello.name not in self._store.state.sources:
            connection.send(p.EndWorker())
            return
        self._connections[hello.name] = connection
        for source_id, place in hello.media.items():
            self._observations.set(f"media.{source_id}", place)
        self._send_wants(hello.name)

    def detached(self, name: str, connection: Connection) -> None:
        """A source worker's connection ended."""
        if self._connections.get(name) is connection:
            del self._connections[name]

    def worker_lost(self, name: str, why: Reason) -> None:
        """A source worker's process died; it is started again."""
        self._observations.drop(f"media.{name}")
        if name in self._store.state.sources:
            self._observations.set(f"source.{name}", {"state": "starting", **fields_of(why)})

    def receive(self, message: p.AnyFromWorker) -> None:
        """Handle one message of a source worker."""
        if not isinstance(message, p.SourceReport) or message.source_id not in self._connections:
            return  # of a source that is gone, or of the worker that ends while another one is wanted
        why = {"reason": message.reason, "code": message.code, "args": message.args}
        value = {"state": message.state, **why, **message.figures}
        self._observations.set(f"source.{message.source_id}", value)
        if message.place is not None and message.state == "running":
            self._observations.set(f"media.{message.source_id}", message.place)
        elif message.state == "failed":
            self._observations.drop(f"media.{message.source_id}")

    def set_wants(self, wants: dict[str, p.Want]) -> None:
        """Tell each worker what is wanted of its source."""
        before, self._wants = self._wants, wants
        for name in self._connections:
            if before.get(name) != wants.get(name):
                self._send_wants(name)

    def _send_wants(self, name: str) -> None:
        want = self._wants.get(name)
        self._connections[name].send(p.Wants(wants={name: want} if want else {}))

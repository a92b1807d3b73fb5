"""The join server's certificate: the office's own by setting, else a local one; renewed in place."""

from __future__ import annotations

import datetime
import logging
import math
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from media.reason import Reason
from operator_console.locks import open_locked
from operator_console.paths import PathError, data_dir, private_dir
from operator_console.room import authority
from operator_console.room.addresses import local_names, named, public_host
from operator_console.room.authority import Authority, Names
from operator_console.session.codes import CertificateCode
from operator_console.settings import Settings
from operator_console.whole_files import write_private

_log = logging.getLogger(__name__)

ROOT_FILE, LEAF_FILE = "authority.pem", "server.pem"
"""Certificate and key in one file each, so that no crash can leave a pair that does not match."""
LOCK_FILE = "tls.lock"
LOCK_WAIT_S = 10.0
"""Making a root and a certificate takes milliseconds."""
WARN_DAYS = (30, 7, 1)
"""An own certificate is warned of at these many days before its end."""


class CertificateError(Exception):
    """No certificate can be had at all; the text is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class CertificateState:
    """What the operator should know: `kind` is own or local."""

    kind: str
    days_left: float
    problem: Reason | None = None


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Certificates:
    """Keeps one live `ssl.SSLContext` supplied with a good certificate.

    New handshakes use what was loaded last; standing connections and calls are not touched by a renewal.
    """

    def __init__(self, settings: Settings, names: Names | None = None) -> None:
        """`names`: what to be good for; None looks the machine's names up anew at each renewal.

        Raises CertificateError where not even a local certificate can be made (unwritable folder).
        """
        self._settings = settings
        self._names = names
        self._files: tuple[Path, Path] | None = None
        self._loaded: tuple[object, ...] = ()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self.state = CertificateState("", math.inf)
        self.authority_pem = b""
        """The root certificate for phones to install; empty while an own certificate is used."""
        try:
            self._folder = private_dir(data_dir(settings) / "tls")
        except PathError as error:
            raise CertificateError(f"The certificate cannot be kept: {error}") from error
        self.renew()
        self.load()

    @property
    def fingerprint(self) -> str:
        """The root certificate's SHA-256 as people compare it; empty while an own certificate is used."""
        return authority.fingerprint(self.authority_pem)

    @property
    def names(self) -> Names:
        """What the certificate is to be good for."""
        return self._names or local_names(self._settings.join_public_host)

    def renew(self, now: datetime.datetime | None = None) -> None:
        """Find or make what should be served now. Blocks: call it every minute in a thread, then `load`."""
        now = now or _now()
        problem = None
        if self._settings.tls_cert:
            problem = self._own_problem(now)
            if not problem:
                self._use_own(now)
                return
            if problem != self.state.problem:
                _log.error("%s The console's own authority is used instead.", problem.text)
        try:
            self._use_local_alone(now, problem)
        except OSError as error:
            raise CertificateError(
                f"The certificate cannot be written in {self._folder}: {error.strerror}."
            ) from error

    def _needed(self) -> Names:
        """What the certificate must be good for: the name in invite links, or all that were given."""
        return self._names or named(public_host(self._settings))

    def _own_files(self) -> tuple[Path, Path]:
        certificate = Path(self._settings.tls_cert).expanduser()
        key = self._settings.tls_key
        return certificate, Path(key).expanduser() if key else certificate

    def _own_problem(self, now: datetime.datetime) -> Reason | None:
        """What is wrong with the office's own certificate."""
        certificate, key = self._own_files()
        args = {"certificate": str(certificate), "key": str(key)}
        leaf = authority.load_leaf(certificate)
        if leaf is None:
            text = f"The certificate {certificate} cannot be read."
            return Reason(CertificateCode.UNREADABLE, text, args)
        try:
            # A throw-away context, so that a bad pair never reaches the live one.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError):
            text = f"The key {key} cannot be read or does not belong to the certificate {certificate}."
            return Reason(CertificateCode.KEY, text, args)
        if authority.days_left(leaf, now) <= 0:
            text = f"The certificate {certificate} has expired or is not valid yet."
            return Reason(CertificateCode.EXPIRED, text, args)
        host = self._settings.join_public_host
        if host and not authority.covers(leaf, named(host)):
            text = f"The certificate {certificate} is not made out for {host}."
            return Reason(CertificateCode.OTHER_HOST, text, {**args, "host": host})
        return None

    def _use_own(self, now: datetime.datetime) -> None:
        certificate, key = self._own_files()
        leaf = authority.load_leaf(certificate)
        left = authority.days_left(leaf, now) if leaf else 0.0
        warning = _expiry(certificate, left) if left < WARN_DAYS[0] else None
        if warning and _step(left) != _step(self.state.days_left):
            _log.warning("%s", warning.text)
        self.state = CertificateState("own", left, warning)
        self.authority_pem = b""
        self._files = (certificate, key)

    def _use_local_alone(self, now: datetime.datetime, problem: Reason | None) -> None:
        """Two workers must not each make an authority: phones would trust the one that was written over."""
        lock = open_locked(self._folder / LOCK_FILE, LOCK_WAIT_S)
        if lock is None:
            raise CertificateError(
                f"Another process has held the certificates in {self._folder} for too long."
            )
        with lock:
            self._use_local(now, problem)

    def _use_local(self, now: datetime.datetime, problem: Reason | None) -> None:
        names = self.names
        leaf_file = self._folder / LEAF_FILE
        root = authority.load_authority(self._folder / ROOT_FILE)
        # Only the name in the links is worth a new root, which every phone would have to install again.
        if root is None or not root.usable(now) or not root.allows(self._needed()):
            root = self._new_root(names, now)
        names = root.allowed(names)
        leaf = authority.load_leaf(leaf_file)
        fresh = leaf is not None and authority.days_left(leaf, now) > authority.RENEW_DAYS
        if leaf is None or not fresh or not authority.covers(leaf, names) or not root.signed(leaf):
            leaf = self._new_leaf(root, names, now)
        self.state = CertificateState("local", authority.days_left(leaf, now), problem)
        self.authority_pem = authority.certificate_pem(root.certificate)
        self._files = (leaf_file, leaf_file)

    def _new_root(self, names: Names, now: datetime.datetime) -> Authority:
        root = authority.make_authority(names, now)
        self._write(ROOT_FILE, root.certificate, root.key)
        _log.info("Made a new local certificate authority; phones have to install it once.")
        return root

    def _new_leaf(self, root: Authority, names: Names, now: datetime.datetime) -> x509.Certificate:
        leaf, key = authority.make_leaf(root, names, now)
        self._write(LEAF_FILE, leaf, key)
        _log.info("Made a server certificate for %s", ", ".join((*names.hosts, *names.addresses)))
        return leaf

    def _write(self, name: str, certificate: x509.Certificate, key: EllipticCurvePrivateKey) -> None:
        data = authority.certificate_pem(certificate) + authority.key_pem(key)
        write_private(self._folder / name, data)

    def load(self) -> bool:
        """Serve what `renew` found from the next handshake on; True if it is another certificate.

        On the event loop: OpenSSL forbids changing a context while another thread shakes hands with it.
        """
        if self._files is None:
            return False
        certificate, key = self._files
        stamp = (certificate, key, certificate.stat().st_mtime_ns, key.stat().st_mtime_ns)
        if stamp == self._loaded:
            return False
        self.context.load_cert_chain(certificate, key)
        self._loaded = stamp
        return True


def _expiry(certificate: Path, days: float) -> Reason:
    text = f"The certificate {certificate} expires in {days:.0f} days."
    args = {"certificate": str(certificate), "days": f"{days:.0f}"}
    return Reason(CertificateCode.EXPIRES_SOON, text, args)


def _step(days: float) -> int:
    return sum(days < limit for limit in WARN_DAYS)

"""The local certificate authority: a name-constrained root for the LAN, and the certificates it signs."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_DAYS = 3650
LEAF_DAYS = 90
RENEW_DAYS = 30
"""A server certificate with less than this left is made anew."""
BACKDATE_DAYS = 366
"""A laptop whose clock is a year behind still accepts it; 456 days in all, below Apple's limit of 825."""

_PRIVATE_NETS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
_PRIVATE_NAMES = ("localhost", "local", "lan", "internal", "home.arpa")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Names:
    """What a server certificate is to be good for."""

    hosts: tuple[str, ...]
    addresses: tuple[str, ...]


class Authority:
    """A root certificate with its key."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self.key = key

    def allowed(self, names: Names) -> Names:
        """Those of the names that the root's name constraints permit."""
        try:
            constraints = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        except x509.ExtensionNotFound:
            return Names((), ())
        permitted = constraints.permitted_subtrees or []
        domains = [name.value for name in permitted if isinstance(name, x509.DNSName)]
        values = [name.value for name in permitted if isinstance(name, x509.IPAddress)]
        nets = [net for net in values if isinstance(net, (ipaddress.IPv4Network, ipaddress.IPv6Network))]
        hosts = (h for h in names.hosts if any(h == d or h.endswith("." + d) for d in domains))
        addresses = (a for a in names.addresses if any(ipaddress.ip_address(a) in net for net in nets))
        return Names(tuple(hosts), tuple(addresses))

    def allows(self, names: Names) -> bool:
        """Whether the root may sign all these names."""
        return self.allowed(names) == names

    def usable(self, now: datetime.datetime) -> bool:
        """Whether the root is valid now and for as long as a new server certificate would be."""
        needed = now + datetime.timedelta(days=LEAF_DAYS)
        return self.certificate.not_valid_before_utc <= now and needed < self.certificate.not_valid_after_utc

    def signed(self, leaf: x509.Certificate) -> bool:
        """Whether this root has signed a certificate."""
        try:
            leaf.verify_directly_issued_by(self.certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True


def make_authority(names: Names, now: datetime.datetime) -> Authority:
    """Make a new root that can only ever sign private names and addresses, and those given here."""
    key = ec.generate_private_key(ec.SECP256R1())
    label = f"Operator Console {names.hosts[0] if names.hosts else 'local'} CA"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, label[:64])])
    nets: list[Network] = [ipaddress.ip_network(net) for net in _PRIVATE_NETS]
    nets += [
        ipaddress.ip_network(address)
        for address in names.addresses
        if not any(ipaddress.ip_address(address) in net for net in nets)
    ]
    permitted: list[x509.GeneralName] = [
        x509.DNSName(host) for host in dict.fromkeys((*_PRIVATE_NAMES, *names.hosts))
    ]
    permitted += [x509.IPAddress(net) for net in nets]
    certificate = (
        _builder(subject, subject, key, now, ROOT_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def make_leaf(
    authority: Authority, names: Names, now: datetime.datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Sign a server certificate for these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    alternative: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hosts]
    alternative += [x509.IPAddress(ipaddress.ip_address(address)) for address in names.addresses]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Operator Console")])
    certificate = (
        _builder(subject, authority.certificate.subject, key, now, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )
    return certificate, key


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=BACKDATE_DAYS))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def covers(leaf: x509.Certificate, names: Names) -> bool:
    """Whether a server certificate is good for all these names (its own wildcards are honoured)."""
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    hosts = {host.lower() for host in found.get_values_for_type(x509.DNSName)}
    addresses = {str(address) for address in found.get_values_for_type(x509.IPAddress)}
    wild = {"*." + host.split(".", 1)[-1]: host for host in names.hosts}
    covered = {*hosts, *(host for pattern, host in wild.items() if pattern in hosts)}
    return covered.issuperset(names.hosts) and addresses.issuperset(names.addresses)


def days_left(certificate: x509.Certificate, now: datetime.datetime) -> float:
    """Days until a certificate expires; negative when it has, or when it is not valid yet."""
    if now < certificate.not_valid_before_utc:
        return -1.0
    return (certificate.not_valid_after_utc - now) / datetime.timedelta(days=1)


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """The PEM form of a certificate."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def fingerprint(pem: bytes) -> str:
    """A certificate's SHA-256 in groups of four hexadecimal digits, for people to compare; "" for b""."""
    if not pem:
        return ""
    digits = x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The unencrypted PKCS8 PEM form of a key; only ever written with mode 0600."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_authority(file: Path) -> Authority | None:
    """Read a root back (certificate and key in one file); None where it is not there or damaged."""
    try:
        data = file.read_bytes()
        certificate = x509.load_pem_x509_certificate(data)
        key = serialization.load_pem_private_key(data, None)
    except (OSError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        return None
    return Authority(certificate, key)


def load_leaf(file: Path) -> x509.Certificate | None:
    """Read the first certificate of a PEM file; None where there is none."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())[0]
    except (OSError, ValueError, IndexError):
        return None

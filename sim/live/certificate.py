"""STARTTLS (RFC 3207): the lab's certificate, created at each start and never kept (extra `lab`).

The certificate is self-signed, so a client that checks signatures rejects it. Its dates follow the real
clock, because clients compare them with that.
"""

import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Literal, get_args

Tls = Literal["offered", "expired", "missing"]
"""STARTTLS with a valid certificate, STARTTLS with a certificate that expired yesterday, or no STARTTLS."""
TLS: tuple[Tls, ...] = get_args(Tls)
VALID = timedelta(days=30)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StartTls:
    """STARTTLS of one server. `required`: MAIL is refused without it (530 5.7.0)."""

    context: ssl.SSLContext
    required: bool = False


def can_be_offered() -> bool:
    """True if the package that makes certificates is installed."""
    return find_spec("cryptography") is not None


def client_context() -> ssl.SSLContext:
    """The client's side of opportunistic TLS: it accepts any certificate, because only this machine can
    answer.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def server_context(names: Sequence[str], *, expired: bool = False) -> ssl.SSLContext:
    """The server's side of TLS, with a new key and a certificate for these host names."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mxdrill EXERCISE")])
    ends = datetime.now(UTC) + (-DAY if expired else VALID)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - VALID - DAY)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # readable by its owner only; ssl needs a path
    with tempfile.NamedTemporaryFile(prefix="mxdrill-") as both:
        both.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        both.write(certificate.public_bytes(pem))
        both.flush()
        context.load_cert_chain(both.name)
    return context


def starttls(hosts: Sequence[str], tls: Tls) -> StartTls | None:
    """STARTTLS for servers with these names; None if STARTTLS is switched off, or cannot be offered
    without the extra.
    """
    if tls == "missing" or not can_be_offered():
        return None
    return StartTls(server_context(tuple(dict.fromkeys(hosts)), expired=tls == "expired"))


def backup_starttls(
    offered: StartTls | None, backup: Literal["none", "opportunistic", "required"]
) -> StartTls | None:
    """STARTTLS of the backup MX, from the STARTTLS of the other servers and the backup's own setting."""
    if offered is None or backup == "none":
        return None
    if backup == "required":
        return StartTls(offered.context, required=True)
    return offered

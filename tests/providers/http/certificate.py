"""An authority of the tests' own, and what it certifies."""

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from providers.http.addresses import literal

ISSUER = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an authority of the tests")])


class Certified(NamedTuple):
    """Both ends of TLS: a server that has the certificate, and a client that trusts nothing else."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@cache
def certified(*names: str) -> Certified:
    """A certificate for these names and addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(ISSUER, ISSUER, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        both = Path(folder) / "both.pem"
        both.write_bytes(made + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        server.load_cert_chain(both)
    return Certified(server, ssl.create_default_context(cadata=made.decode()))


def _name(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if literal(name) else x509.DNSName(name)

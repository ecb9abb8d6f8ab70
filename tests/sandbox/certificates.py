"""The sandbox's own certificates: an authority for --https, and who signs instance identity documents."""

import base64
import datetime
import ipaddress
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID

from sandbox import paths

_LIFETIME = datetime.timedelta(days=7)
_RSA_BITS = 2048


class IdentitySigner:
    """Signs what AWS's metadata service calls rsa2048, and leaves its certificate in paths.IDENTITY_CERTIFICATE."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
        name = _name("Sandbox instance identity")
        self._certificate = _builder(name, name, self._key.public_key()).sign(self._key, hashes.SHA256())
        paths.IDENTITY_CERTIFICATE.write_bytes(_pem(self._certificate))
        paths.IDENTITY_CERTIFICATE.chmod(0o644)

    def sign(self, document: bytes) -> bytes:
        """PKCS#7 with the document and without the certificate in it, in lines of Base64."""
        builder = PKCS7SignatureBuilder().set_data(document)
        builder = builder.add_signer(self._certificate, self._key, hashes.SHA256())
        options = [PKCS7Options.Binary, PKCS7Options.NoCapabilities, PKCS7Options.NoCerts]
        return base64.encodebytes(builder.sign(serialization.Encoding.DER, options)).rstrip(b"\n")


def server_context() -> ssl.SSLContext:
    """Makes authority and certificate, leaves the authority's in paths.CERTIFICATE_AUTHORITY; no key is kept."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    authority_name, server_name = _name("Sandbox certificate authority"), _name("127.0.0.1")
    addresses = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    )
    authority = (
        _builder(authority_name, authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _builder(server_name, authority_name, server_key.public_key())
        .add_extension(addresses, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    paths.CERTIFICATE_AUTHORITY.write_bytes(_pem(authority))
    paths.CERTIFICATE_AUTHORITY.chmod(0o644)
    return _context(certificate, server_key)


def _context(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    paths.TLS.mkdir(mode=0o700)
    chain, secret = paths.TLS / "certificate.pem", paths.TLS / "key.pem"
    chain.write_bytes(_pem(certificate))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return context


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LIFETIME)
        .not_valid_after(now + _LIFETIME)
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)

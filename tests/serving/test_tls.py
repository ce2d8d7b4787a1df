"""The API over HTTPS on the shop's own network."""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from serving.__main__ import main


def a_pair(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


def test_a_certificate_and_another_ones_key_are_refused_in_one_line(tmp_path: Path) -> None:
    certificate, key = a_pair(tmp_path, "one")[0], a_pair(tmp_path, "other")[1]
    for arguments in (
        ["--tls-cert", str(certificate)],
        ["--tls-cert", str(certificate), "--tls-key", str(key)],
        ["--tls-cert", str(key), "--tls-key", str(certificate)],
    ):
        said = CliRunner().invoke(main, ["serve", *arguments])
        assert (said.exit_code, said.output.count("Error: ")) == (2, 1)


@pytest.mark.slow
def test_the_api_answers_over_https_alone(tmp_path: Path) -> None:
    certificate, key = a_pair(tmp_path, "shop")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "serving", "serve", "--port", str(port)]
    command += ["--tls-cert", str(certificate), "--tls-key", str(key)]
    server = subprocess.Popen(
        command, env={**os.environ, "SAMAAN_HOME": str(tmp_path)}, stderr=subprocess.PIPE
    )
    trusted = ssl.create_default_context(cafile=certificate)
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"https://localhost:{port}/health", context=trusted) as answer:
                    assert "status" in json.loads(answer.read())
                break
            except urllib.error.URLError as error:
                if not isinstance(error.reason, ConnectionError):
                    raise
                time.sleep(0.1)
        else:
            raise AssertionError("the server did not start")
        with pytest.raises((urllib.error.URLError, ConnectionError)):
            urllib.request.urlopen(f"http://localhost:{port}/health", timeout=5)
    finally:
        server.terminate()
        said = server.communicate(timeout=20)[1].decode()
    assert f"https://127.0.0.1:{port}/app" in said

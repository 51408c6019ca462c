"""Requests to addresses that people give: nothing reaches what is not public."""

import http.server
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from analyticbot.core.outgoing import AddressRefused, NotReached, Policy, is_public, read_target, resolve_name, send

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "ff0e::1", "2001:db8::1", "100::1", "3fff::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:7f00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "5f00::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "149.154.167.220", "2606:4700:4700::1111", "2001:67c:4e8:f004::9", "64:ff9b::101:101"]
LOOPBACK = Policy(schemes=frozenset({"http"}), ports=None, within=(ipaddress.ip_network("127.0.0.1/32"),), seconds=2)


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_that_is_nobodys_on_the_internet_is_refused(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
    with pytest.raises(AddressRefused):
        send("https://hooks.example.com/x", resolve=lambda *_: [text])


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_allowed(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/",
        "https://user:secret@example.com/", "https://user@example.com/", "https://@example.com/",
        "https://example.com:22/", "https://example.com:0/", "https://example.com:99999/", "https://example.com:x/",
        "https://2130706433/", "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://0x7f000001/", "https://127.1/",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/",
        "https://example.com\\@127.0.0.1/", "https://exam ple.com/", "https://example.com/\r\nX: y", "https:///x",
        "https://-x.example.com/", "https://a..b/", "https://%31%32%37.0.0.1/", "https://①②⑦.0.0.1/", "https://./",
        "https://" + "a" * 64 + ".com/", "https://example.com/" + "a" * 3_000, "", "https://", "x",
    ],
)  # fmt: skip
def test_a_form_that_hides_something_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        send(url, resolve=resolve_name)


@given(st.text(max_size=60))
def test_no_text_is_more_than_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com/{text}"):
        try:
            target = read_target(url, policy=Policy())
        except AddressRefused:
            continue
        assert target.port in {443, 8443}
        assert target.name.isascii() and target.path.isascii()


def test_a_name_is_normalised() -> None:
    target = read_target("HTTPS://Пример.РФ.:8443?a=1", policy=Policy())

    assert (target.name, target.port, target.path) == ("xn--e1afmkfd.xn--p1ai", 8443, "/?a=1")


def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(AddressRefused):
        send("https://hooks.example.com/", resolve=lambda *_: ["1.1.1.1", "10.0.0.1"])


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, self.headers["Host"], dict(self.headers), body))  # type: ignore[attr-defined]
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/here")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        if self.path == "/long":
            self.wfile.write(b"x" * 200_000)
        elif self.path == "/slow":
            self._trickle()

    def _trickle(self) -> None:
        try:
            while not self.server.stopped.wait(0.05):  # type: ignore[attr-defined]
                self.wfile.write(b"x")
        except OSError:
            return

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Any]:
    """A server on loopback that remembers what it was asked."""
    yield from _running("127.0.0.1", None)


def _running(host: str, tls: ssl.SSLContext | None, port: int = 0) -> Iterator[Any]:
    server: Any = http.server.ThreadingHTTPServer((host, port), _Handler)
    server.daemon_threads = True
    server.seen, server.stopped = [], threading.Event()
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.stopped.set()
    server.shutdown()
    server.server_close()
    thread.join()


def _at(server: Any, path: str, **options: Any) -> Any:
    url = f"http://hooks.example.com:{server.server_address[1]}{path}"
    return send(url, body=b"{}", **{"policy": LOOPBACK, "resolve": lambda *_: ["127.0.0.1"], **options})


def test_a_request_carries_the_name_and_no_headers_that_are_ours(server: Any) -> None:
    answer = _at(server, "/x?y=1", headers={"webhook-id": "1", "Host": "evil", "Transfer-Encoding": "chunked"})

    assert (answer.status, answer.body, answer.cut) == (200, b"", False)
    (path, host, headers, body), port = server.seen[0], server.server_address[1]
    assert (path, host, body) == ("/x?y=1", f"hooks.example.com:{port}", b"{}")
    assert headers["webhook-id"] == "1" and headers["Accept-Encoding"] == "identity"
    assert "Transfer-Encoding" not in headers


def test_a_name_that_is_bound_anew_changes_nothing(server: Any) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"]])
    for other in _running("127.0.0.2", None, server.server_address[1]):
        assert _at(server, "/x", resolve=lambda *_: next(answers)).status == 200
        assert (len(server.seen), other.seen) == (1, [])
        with pytest.raises(AddressRefused):
            _at(server, "/x", resolve=lambda *_: next(answers))
        assert (len(server.seen), other.seen) == (1, [])


def test_a_redirect_is_not_followed(server: Any) -> None:
    answer = _at(server, "/away")

    assert (answer.status, answer.headers["Location"]) == (302, "/here")
    assert [seen[0] for seen in server.seen] == ["/away"]


def test_a_long_answer_is_cut(server: Any) -> None:
    answer = _at(server, "/long")

    assert (len(answer.body), answer.cut) == (65_536, True)


def test_a_slow_answer_is_cut(server: Any) -> None:
    policy = Policy(schemes=LOOPBACK.schemes, ports=None, within=LOOPBACK.within, seconds=0.4)
    started = datetime.now(UTC)

    with suppress(NotReached):  # what had come until then may be an answer
        _at(server, "/slow", policy=policy)

    assert datetime.now(UTC) - started < timedelta(seconds=5)


def test_nobody_there_and_no_such_name_may_be_tried_later() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://hooks.example.com:{taken.getsockname()[1]}/"
        with pytest.raises(NotReached):
            send(url, policy=LOOPBACK, resolve=lambda *_: ["127.0.0.1"])

    def unknown(*_: Any) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    with pytest.raises(NotReached):
        send("https://hooks.example.com/", resolve=unknown)


def test_proxies_of_the_environment_are_not_asked(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert _at(server, "/x").status == 200


@pytest.mark.parametrize(("name", "reached"), [("hooks.example.com", True), ("other.example.com", False)])
def test_the_certificate_must_be_of_the_name(tmp_path: Path, name: str, reached: bool) -> None:
    certificate = _certificate(tmp_path, "hooks.example.com")
    here, there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=certificate)
    here.load_cert_chain(certificate)
    policy = Policy(ports=None, within=LOOPBACK.within, seconds=5, tls=there)
    for server in _running("127.0.0.1", here):
        url = f"https://{name}:{server.server_address[1]}/"
        if reached:
            assert send(url, policy=policy, resolve=lambda *_: ["127.0.0.1"]).status == 200
        else:
            with pytest.raises(NotReached):
                send(url, policy=policy, resolve=lambda *_: ["127.0.0.1"])


def _certificate(folder: Path, name: str) -> str:
    """A certificate that signs itself, with its key, as one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(issuer_name=subject, subject_name=subject, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return str(path)

"""`server/reach.py` as a user meets it: certificates, and proxies, of real connections."""

import importlib.util
import socket
import ssl
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import trustme

from tests.cli.running import run
from tests.cli.test_fetch import listening, recent
from tests.server.fakes import FakeServer
from tests.server.relays import Socks
from tests.support import collected
from trigger_cli.server import settings

NAMED = "a.test"
"""A server that only a proxy finds."""


def other_address():
    """An address of this machine that others reach it by; ``None``: it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as finder:
        try:
            finder.connect(("198.51.100.1", 9))  # nothing is sent
        except OSError:
            return None
        found = finder.getsockname()[0]
    return None if found.startswith("127.") or found == "0.0.0.0" else found  # noqa: S104


ADDRESSES = ["127.0.0.1", other_address()]


@pytest.fixture
def server():
    """Nine events."""
    return FakeServer(map(recent, range(9)), page_size=4)


@pytest.fixture(params=ADDRESSES, ids=["loopback", "other"])
def address(request):
    """Where the server listens."""
    if request.param is None:
        pytest.skip("this machine has no address but loopback")
    return request.param


@pytest.fixture
def authority():
    """Who signs certificates."""
    return trustme.CA()


def fetch(url, **environment):
    done = run(
        "fetch", "--patience", "0", PREFECT_API_URL=url, PREFECT_HOME="/nowhere", **environment
    )
    return done, " ".join(done.stderr.decode().split())


@contextmanager
def secured(server, authority, address, name):
    """A server whose certificate is for that name."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    with listening(server, context, address) as url:
        yield url


def test_a_certificate_that_is_not_trusted(server, authority, address, tmp_path):
    """The variable that helps is named, and helps; nothing is tried again."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    (tmp_path / "folder").mkdir()
    with secured(server, authority, address, address) as url:
        refused, said = fetch(url)
        assert 3 == refused.returncode
        assert f"error: {url}" in said
        assert "has a certificate that is not trusted: " in said
        assert "help: set PREFECT_API_SSL_CERT_FILE to the file" in said
        assert "trying again" not in said
        assert not server.requests
        for trust in (
            {"PREFECT_API_SSL_CERT_FILE": str(tmp_path / "ca.pem")},
            {"SSL_CERT_FILE": str(tmp_path / "ca.pem")},
            {"PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "true"},
        ):
            done, said = fetch(url, **trust)
            assert (0, True) == (done.returncode, b"id-8" in done.stdout), (trust, said)
        for distrust in (
            {"SSL_CERT_DIR": str(tmp_path / "folder")},
            {"PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "false"},
        ):
            assert 3 == fetch(url, **distrust)[0].returncode


def test_a_certificate_of_another_name(server, authority, address, tmp_path):
    """More trust would not help, so the address is in question."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with secured(server, authority, address, "elsewhere.test") as url:
        done, said = fetch(url, PREFECT_API_SSL_CERT_FILE=str(tmp_path / "ca.pem"))
    assert 3 == done.returncode
    assert "has a certificate that is not trusted: " in said
    assert "help: the certificate is for another name: check the address" in said


def test_a_server_that_knows_no_tls(server):
    """The scheme of the address is in question, and OpenSSL's words help nobody."""
    with listening(server) as url:
        done, said = fetch(url.replace("http:", "https:"))
    assert 3 == done.returncode
    assert "(it does not answer in TLS: does its address begin with http:?)" in said
    assert "_ssl.c" not in said


# --- Proxies -------------------------------------------------------------------------------------


@pytest.mark.skipif(importlib.util.find_spec("socksio") is None, reason="socksio is not installed")
@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTP_PROXY", "all_proxy"])
def test_a_socks_proxy(server, variable):
    """It is given the server's name, which this machine need not know."""
    with listening(server) as url:
        parts = urlsplit(url)
        proxy = Socks((parts.hostname, parts.port))
        with proxy.running() as through:
            done, said = fetch(f"http://{NAMED}:4200/api", **{variable: through})
    assert 0 == done.returncode, said
    assert b"id-8" in done.stdout
    assert {(NAMED, 4200)} == set(proxy.asked)


@pytest.mark.skipif(importlib.util.find_spec("socksio") is None, reason="socksio is not installed")
def test_a_socks_proxy_that_refuses():
    """It is named, and so is who named it; no socket is left to the garbage collection."""
    proxy = Socks(("127.0.0.1", 1), refusal=2)
    with proxy.running() as through, collected():
        done, said = fetch(f"http://{NAMED}/api", ALL_PROXY=through)
    assert 3 == done.returncode
    assert f"cannot be reached through the proxy {through} of ALL_PROXY (it refuses)" in said


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_that_is_away(scheme):
    """The same, with the reason of the operating system."""
    if scheme == "socks5" and importlib.util.find_spec("socksio") is None:
        pytest.skip("socksio is not installed")
    away = f"{scheme}://127.0.0.1:1"
    done, said = fetch(f"http://{NAMED}/api", ALL_PROXY=away)
    assert 3 == done.returncode
    assert f"through the proxy {away} of ALL_PROXY (Connection refused)" in said


def test_a_socks_proxy_without_its_package(monkeypatch):
    """What to install is told before anything is sent."""
    found = importlib.util.find_spec
    monkeypatch.setattr(
        settings,
        "find_spec",
        lambda name: None if name == "socksio" else found(name),
    )
    done, said = fetch(f"http://{NAMED}/api", ALL_PROXY="socks5://127.0.0.1:1")
    assert 2 == done.returncode
    assert "error: ALL_PROXY names a SOCKS proxy, for which a package is missing" in said
    assert "help: pip install 'httpx[socks]', or name the server in NO_PROXY" in said

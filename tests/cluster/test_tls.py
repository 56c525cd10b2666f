"""``replay --cluster tls://…``: as without TLS, and refused without its settings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import pytest
import trustme
from distributed import LocalCluster
from distributed.security import Security

from tests.cli.running import run
from tests.support import SAMPLES

ARGUMENTS = ("replay", SAMPLES / "triggers", SAMPLES / "nightly.events.jsonl", "--format", "json")
SIDES = ("client", "scheduler", "worker")


def settings(folder: Path, authority: trustme.CA) -> dict[str, Any]:
    """Dask's settings for one certificate of an authority on every side."""
    folder.mkdir()
    certificate = authority.issue_cert("127.0.0.1")
    ca, cert, key = (str(folder / name) for name in ("ca.pem", "cert.pem", "key.pem"))
    authority.cert_pem.write_to_path(ca)
    certificate.cert_chain_pems[0].write_to_path(cert)
    certificate.private_key_pem.write_to_path(key)
    sides = {f"distributed.comm.tls.{side}.cert": cert for side in SIDES}
    keys = {f"distributed.comm.tls.{side}.key": key for side in SIDES}
    common = {"distributed.comm.require-encryption": True, "distributed.comm.tls.ca-file": ca}
    return {**common, **sides, **keys}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The settings of the cluster."""
    return settings(tmp_path_factory.mktemp("own") / "tls", trustme.CA())


@pytest.fixture(scope="module")
def address(own: dict[str, Any]) -> Iterator[str]:
    """A scheduler and two workers that use TLS only."""
    with dask.config.set(own):
        cluster = LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tls",
            security=Security(),
            dashboard_address="127.0.0.1:0",
        )
    # The commands under test have settings of their own.
    yield cluster.scheduler_address
    cluster.close()


def test_the_output_is_that_of_one_process(address: str, own: dict[str, Any]) -> None:
    """Byte for byte."""
    assert address.startswith("tls://127.0.0.1:")
    with dask.config.set(own):
        spread = run(*ARGUMENTS, "--cluster", address)
    assert 0 == spread.returncode
    assert run(*ARGUMENTS) == spread


def test_without_settings_it_is_refused(address: str) -> None:
    """The error names what to set."""
    done = run(*ARGUMENTS, "--cluster", address)
    assert (2, b"") == (done.returncode, done.stdout)
    assert f"no cluster answers at {address}".encode() in done.stderr
    assert b"help: TLS needs DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in done.stderr


def test_a_certificate_of_another_authority_is_refused(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither side trusts the other."""
    monkeypatch.setattr("trigger_cli.cluster.client._PATIENCE", "2s")
    with dask.config.set(settings(tmp_path / "other", trustme.CA())):
        done = run(*ARGUMENTS, "--cluster", address)
    assert (2, b"") == (done.returncode, done.stdout)
    assert f"no cluster answers at {address}".encode() in done.stderr


def test_an_address_without_tls_is_refused(address: str, own: dict[str, Any]) -> None:
    """If encryption is required here."""
    with dask.config.set(own):
        done = run(*ARGUMENTS, "--cluster", address.replace("tls:", "tcp:"))
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"encryption required" in done.stderr

"""No output replaces what the command reads, or another output."""

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.support import SAMPLES
from trigger_cli.cli.commands import _made
from trigger_cli.cli.output import _WRITTEN
from trigger_cli.root_help import COMMANDS

TERRAFORM = """resource "prefect_automation" "many" {
  name    = "many"
  trigger = { event = { posture = "Reactive", expect = ["my.event"], threshold = 2, within = 60 } }
}
"""
TEST = """triggers: triggers/a.json
tests:
- name: it fires
  events:
  - log: log.jsonl
  expect:
  - fires: 1
"""
REPLAYS = ["replay", "explain", "audit", "sweep", "capture"]


@pytest.fixture
def folder(tmp_path):
    """Definitions in a folder, a test file, a configuration, and a log with a link of each kind."""
    triggers = tmp_path / "triggers"
    triggers.mkdir()
    shutil.copy(SAMPLES / "triggers" / "09-threshold-within.json", triggers / "a.json")
    (triggers / "b.tf").write_text(TERRAFORM)
    (triggers / "c.py").write_text("# EventTrigger(...)\n")
    (triggers / "d.jsonc").write_text("{}")
    (tmp_path / "elsewhere.json").write_bytes((triggers / "a.json").read_bytes())
    (triggers / "link.json").symlink_to(tmp_path / "elsewhere.json")
    shutil.copy(SAMPLES / "nightly.events.jsonl", tmp_path / "log.jsonl")
    (tmp_path / "soft.jsonl").symlink_to(tmp_path / "log.jsonl")
    os.link(tmp_path / "log.jsonl", tmp_path / "hard.jsonl")
    (tmp_path / "all.trigger-test.yaml").write_text(TEST)
    (tmp_path / "known.json").write_text('{"format": "trigger-cli/baseline@1", "findings": []}\n')
    (tmp_path / "trigger-cli.toml").write_text('baseline = "known.json"\n')
    return tmp_path


def kept(output: str, folder: Path, *command: object, stdin: bytes | Path = b"") -> bytes:
    """Run a command that must be refused, and leave the file as it is; returns what it says."""
    before = (folder / output).read_bytes()
    done = run(*command, cwd=folder, stdin=stdin)
    assert (2, b"") == (done.returncode, done.stdout)
    assert before == (folder / output).read_bytes()
    return done.stderr


@pytest.mark.parametrize("command", REPLAYS)
@pytest.mark.parametrize("output", ["log.jsonl", "soft.jsonl", "hard.jsonl", "triggers/a.json"])
def test_a_file_that_is_read_stays(command, output, folder):
    """By device and inode; a folder is as good as the file in it."""
    said = kept(output, folder, command, "triggers", "--log", "log.jsonl", "-o", output)
    assert f"{output} is read by this command, and would be written over".encode() in said


@pytest.mark.parametrize("command", [*REPLAYS, "events", "lint", "diff"])
def test_standard_input_is_seen_too(command, folder):
    """It may be redirected from the output."""
    inputs = [] if command == "events" else ["triggers"]
    options = ("--log", "-", "-o", "hard.jsonl")
    said = kept("log.jsonl", folder, command, *inputs, *options, stdin=folder / "log.jsonl")
    assert b"hard.jsonl is read by this command" in said
    if command != "events":
        target = ("--log", "log.jsonl", "-f", "json", "-o", "triggers/a.json")
        definition = folder / "triggers" / "a.json"
        said = kept("triggers/a.json", folder, command, "-", *target, stdin=definition)
        assert b"triggers/a.json is read by this command" in said


def test_globs_and_pictures_are_seen_too(folder):
    """`--save` writes as `--output` does."""
    shutil.copy(folder / "log.jsonl", folder / "log.svg")
    said = kept("log.svg", folder, "replay", "triggers/*.json", "log.svg", "--save", "log.svg")
    assert b"is read by this command" in said
    said = kept("log.jsonl", folder, "events", "l*.jsonl", "-o", "log.jsonl")
    assert b"is read by this command" in said


@pytest.mark.parametrize("output", ["b.tf", "c.py", "d.jsonc"])
@pytest.mark.parametrize("command", [["lint"], ["replay", "--log", "log.jsonl"], ["doctor"]])
def test_sources_in_a_folder_stay(command, output, folder):
    """A search skips some of them, but nobody means to replace them."""
    name = f"triggers/{output}"
    if command == ["doctor"]:  # only `--save`, which has endings of its own
        (folder / "triggers" / "e.html").symlink_to(folder / name)
        option, link = "--save", "triggers/e.html"
    else:
        option, link = "-o", name
        command = [*command, "-f", "full" if command == ["lint"] else "table"]
    said = kept(name, folder, *command, "triggers", option, link)
    assert f"{link} is in a folder that this command reads".encode() in said


def test_a_link_in_a_folder_is_followed(folder):
    """The folder contains a link to a file elsewhere."""
    said = kept("elsewhere.json", folder, "lint", "triggers", "-o", "elsewhere.json")
    assert b"elsewhere.json is read by this command" in said


@pytest.mark.parametrize("output", ["triggers/a.json", "log.jsonl", "all.trigger-test.yaml"])
@pytest.mark.parametrize("option", ["-o", "--junit"])
def test_what_a_test_file_names_is_seen_too(option, output, folder):
    """Definitions and logs, also those that are read only when a test runs."""
    form = ("-f", "table") if option == "-o" else ()
    said = kept(output, folder, "test", "all.trigger-test.yaml", option, output, *form)
    assert f"{output} is read by this command".encode() in said
    assert [] == list(folder.glob(".*"))


@pytest.mark.parametrize("output", ["trigger-cli.toml", "known.json"])
def test_the_configuration_is_seen_too(output, folder):
    """The one that is found, and the baseline that it names."""
    target = ("-f", "json", "-o", output)
    said = kept(output, folder, "lint", "triggers/a.json", *target)
    assert f"{output} is read by this command".encode() in said


def test_a_baseline_is_written_over_no_input(folder):
    """With --write-baseline it is an output."""
    options = ("--baseline", "triggers/a.json", "--write-baseline")
    said = kept("triggers/a.json", folder, "lint", "triggers", *options)
    assert b"triggers/a.json is read by this command" in said
    done = run(
        "lint", "triggers/a.json", "--baseline", "known.json", "--write-baseline", cwd=folder
    )
    assert (0, True) == (done.returncode, b"Wrote 1 finding" in done.stderr)


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("other", ["a.txt", "./a.txt", "link.txt"])
@pytest.mark.parametrize(
    ("command", "options"),
    [
        (("replay", "triggers", "log.jsonl"), ("-o", "--save")),
        (("rule", "TRG203"), ("-o", "--save")),
        (("test", "all.trigger-test.yaml"), ("-o", "--junit")),
        (("fetch", "--api-url", "http://127.0.0.1:9/api"), ("-o", "--save")),
        (("fetch", "--api-url", "http://127.0.0.1:9/api"), ("--automations", "--save")),
    ],
)
def test_two_outputs_are_two_files(command, options, other, exists, folder):
    """One of them would be lost."""
    (folder / "link.txt").symlink_to("a.txt")
    if exists:
        (folder / "a.txt").write_text("as it was")
    first, second = options
    done = run(*command, first, "a.txt", second, other, cwd=folder)
    long = first.replace("-o", "--output") if first == "-o" else first
    said = f"error: {Path(other)} would be written twice, by {long} and by {second}\n"
    assert (2, said.encode()) == (done.returncode, done.stderr[: len(said.encode())])
    assert exists == (folder / "a.txt").exists()
    assert not exists or "as it was" == (folder / "a.txt").read_text()


@pytest.mark.parametrize("name", ["PREFECT_API_SSL_CERT_FILE", "SSL_CERT_FILE"])
def test_certificates_and_profiles_are_seen_too(name, folder):
    """They are read, too."""
    certificates, profiles = folder / "certificates.txt", folder / "profiles.toml"
    certificates.write_text("as it was")
    profiles.write_text('active = "a"\n[profiles.a]\nPREFECT_API_URL = "http://127.0.0.1:9/api"\n')
    (folder / "link.txt").symlink_to(profiles)
    asked = ("fetch", "--api-url", "https://127.0.0.1:9/api", "--save")
    done = run(*asked, certificates, cwd=folder, **{name: str(certificates)})
    assert (2, True) == (done.returncode, b"certificates.txt is read by this" in done.stderr)
    settings = {"PREFECT_HOME": str(folder), "PREFECT_API_URL": ""}
    done = run("doctor", "--save", "link.txt", cwd=folder, **settings)
    assert (2, True) == (done.returncode, b"link.txt is read by this command" in done.stderr)
    assert "as it was" == certificates.read_text()


def test_a_device_may_be_named_twice(folder):
    """Nothing is lost there."""
    done = run(
        "test", "all.trigger-test.yaml", "-o", "/dev/null", "--junit", "/dev/null", cwd=folder
    )
    assert b"1 test" in done.stderr


def test_another_file_is_written(folder):
    """Also one that is there already, beside those that are read."""
    for output in ("out.txt", "out.txt", "triggers/out.txt", "triggers/out.txt"):
        done = run("replay", "triggers", "log.jsonl", "-o", output, cwd=folder)
        assert 0 == done.returncode
        assert (folder / output).stat().st_size


@pytest.mark.parametrize("name", COMMANDS)
def test_each_file_of_a_command_line_is_read_or_written(name):
    """A new parameter for a file is either an input, or among the outputs that are declared."""
    kinds = {"FILE", "FILES", "PATHS", "LOG", "TRIGGERS"}
    files = {one.name for one in _made(name).params if one.metavar in kinds}
    assert files <= {"paths", "log", "config", "baseline"} | set(_WRITTEN)

"""Options of several commands: times and zones, as tables show them."""

import json
import re
from datetime import timedelta

import pytest
import typer

from tests.cli.running import run
from tests.support import SAMPLES
from trigger_cli.cli import app
from trigger_cli.cli.parameters import choices_of
from trigger_cli.cli.shared_options import Zone
from trigger_cli.root_help import COMMANDS
from trigger_cli.times import SHOWN_FORMS, parse_shown_time

TRIGGER = SAMPLES / "triggers" / "09-threshold-within.json"
LOG = SAMPLES / "nightly.events.jsonl"
parse_zone = Zone.__metadata__[0].parser  # type: ignore[attr-defined]


def first_at(*options, **environment):
    """When the replay of a part of the log begins."""
    done = run("replay", TRIGGER, LOG, "--format", "json", *options, **environment)
    assert 0 == done.returncode, done.stderr.decode()
    return json.loads(done.stdout)["start"][:19]


@pytest.mark.parametrize(
    "options",
    [
        ("--from", "2026-03-12T02:00:05Z"),
        ("--from", "2026-03-12 02:00:05"),
        ("--from", "2026-03-12 04:00:05 +02:00"),
        ("--from", "2026-03-12T04:00:05 +0200", "--tz", "-05:00"),
        ("--from", "03-12 02:00:05"),
        ("--from", "02:00:05"),
        ("--from", "+1:00:03"),
        ("--from", "03-12 04:00:05", "--tz", "+02:00"),
        ("--tz", "Europe/Berlin", "--from", "03:00:05"),
        ("--from", "2026-03-11T20:00:05", "--tz", "-0600"),
    ],
    ids=" ".join,
)
def test_a_time_is_read_as_a_table_shows_it(options):
    """Whatever is left out, the log and ``--tz`` tell; the order of options does not matter."""
    assert "2026-03-12T02:00:05" == first_at(*options)


@pytest.fixture(scope="module")
def over_midnight(tmp_path_factory):
    """A log of two events, half an hour before the new year and one after."""
    log = tmp_path_factory.mktemp("midnight") / "log.jsonl"
    line = json.loads(LOG.read_text().splitlines()[0])
    times = ("2025-12-31T23:30:00Z", "2026-01-01T00:30:00Z")
    log.write_text("".join(json.dumps({**line, "id": at, "occurred": at}) + "\n" for at in times))
    return log


@pytest.mark.parametrize(
    ("options", "start", "end"),
    [
        (("--until", "00:10:00"), "2025-12-31T23:30:00", "2026-01-01T00:10:00"),
        (("--until", "01-01 00:10:00"), "2025-12-31T23:30:00", "2026-01-01T00:10:00"),
        (("--to", "00:30:00"), "2025-12-31T23:30:00", "2026-01-01T00:30:00"),
        (("--from", "00:10"), "2026-01-01T00:30:00", "2026-01-01T00:30:00"),
        (("--from", "01:10", "--tz", "+01:00"), "2026-01-01T00:30:00", "2026-01-01T00:30:00"),
        (("--until", "23:40:00"), "2025-12-31T23:30:00", "2025-12-31T23:40:00"),
        # Within the log on no day: of the first one.
        (("--start", "23:20"), "2025-12-31T23:20:00", "2026-01-01T00:30:00"),
        (("--until", "23:59", "--start", "23:20"), "2025-12-31T23:20:00", "2025-12-31T23:59:00"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
@pytest.mark.parametrize("order", ["occurred", "log"])
def test_a_time_without_a_date_lies_within_the_log(over_midnight, options, start, end, order):
    """On the first day on which it does, in any order of delivery."""
    done = run("replay", TRIGGER, over_midnight, "-f", "json", "--order", order, *options)
    assert 0 == done.returncode, done.stderr.decode()
    answer = json.loads(done.stdout)
    assert (start, end) == (answer["start"][:19], answer["end"][:19])


def test_the_time_of_the_first_event_as_a_table_shows_it_is_within_the_log(over_midnight, tmp_path):
    """It is cut off after the second, and lies within the log on the next day, too."""
    text = over_midnight.read_text().replace("23:30:00Z", "23:30:00.9Z")
    log = tmp_path / "log.jsonl"
    log.write_text(text.replace("01-01T00:30:00Z", "01-01T23:40:00Z"))
    done = run("replay", TRIGGER, log, "-f", "json", "--from", "23:30:00")
    assert "2025-12-31T23:30:00.900000Z" == json.loads(done.stdout)["start"]


def test_what_is_read_once_gives_times_its_first_day(over_midnight):
    """Standard input."""
    done = run("replay", TRIGGER, "-", "--until", "00:10", stdin=over_midnight)
    assert b"the log begins at 2025-12-31T23:30" in done.stderr


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}])
def test_never_is_no_style_at_all(environment):
    """Neither colours nor bold, wherever it is shown."""
    for on_terminal in (False, True):
        asked = ("replay", TRIGGER, LOG, "--color", "never")
        done = run(*asked, on_terminal=on_terminal, TERM="xterm", **environment)
        assert (0, False) == (done.returncode, b"\x1b[" in done.stdout)


def test_what_is_no_time_is_told_with_every_form():
    """Each of which is read, on one line; the help names them too."""
    done = run("replay", TRIGGER, LOG, "--from", "yesterday")
    said = f"error: invalid value for '--from': 'yesterday' is not a time: expected {SHOWN_FORMS}\n"
    assert (2, said) == (done.returncode, done.stderr.decode().partition("help:")[0])
    for form in re.findall(r"[+\d][-:\dTZm]+(?: [\d:]+)?", SHOWN_FORMS):
        parse_shown_time(form)
    shown = " ".join(run("replay", "--help").stdout.decode().split())
    assert f"Take only events from this on: {SHOWN_FORMS}." in shown


def test_a_date_is_its_midnight_in_the_zone():
    """Of the whole day."""
    assert "2026-03-12T01:00:02" == first_at("--from", "2026-03-12", "--to", "2026-03-13")
    assert "2026-03-12T02:00:01" == first_at("--from", "2026-03-12", "--tz", "-02:00")


def test_local_is_the_zone_of_the_machine():
    """``TZ`` tells it."""
    assert "2026-03-12T02:00:05" == first_at(
        "--from", "03:00:05", "--tz", "local", TZ="Europe/Berlin"
    )


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "+05:30", "UTC+02:00"])
def test_a_time_of_a_table_can_be_pasted(zone):
    """The firing that a table shows is in the second that it shows."""
    shown = run("replay", TRIGGER, LOG, "--quiet", "--tz", zone).stdout.decode()
    time = re.match(r"[\d-]+[ T][\d:.]+", shown)
    assert time, shown
    done = run("replay", TRIGGER, LOG, "--until", time[0], "--tz", zone, "--format", "json")
    assert json.loads(done.stdout)["firings"] or "." not in time[0]


@pytest.mark.parametrize(
    ("text", "hours"), [("+02:00", 2), ("-0530", -5.5), ("+09", 9), ("utc", 0)]
)
def test_zones_of_a_fixed_offset(text, hours):
    """With or without minutes."""
    assert timedelta(hours=hours) == parse_zone(text).utcoffset(None)


@pytest.mark.parametrize("text", ["Mars/Base", "+99:00", "+2", ""])
def test_what_is_no_zone(text):
    """It says what is one."""
    with pytest.raises(typer.BadParameter, match=r"\+02:00 or local"):
        parse_zone(text)


def every_option():
    """Each option of each command: the command, the long name, what stands for its value, its help."""
    group = typer.main.get_command(app)
    for command in COMMANDS:
        for one in group.commands.get(command).params:
            if one.param_type_name == "option":
                yield (
                    command,
                    one.opts[0],
                    one.metavar or ("choice" if choices_of(one) else "flag"),
                    one.help or "",
                )


def test_an_option_means_the_same_in_every_command():
    """Its value is of the same kind; what two commands mean by it differs only where it is said here."""
    kinds = {}
    for command, option, kind, _ in every_option():
        kinds.setdefault(option, {}).setdefault(kind, []).append(command)
    several = {option: found for option, found in kinds.items() if len(found) > 1}
    # `lint` takes several dialects; a format is one of each command's own.
    assert {"--dialect": {"DIALECT", "DIALECT[,DIALECT]"}} == {
        option: set(found) for option, found in several.items()
    }


def test_the_words_for_times_keep_their_meaning():
    """The range has both ends, `--since` is a server's, and `--until` the clock's."""
    options = {command: set() for command in COMMANDS}
    for command, option, _, help_text in every_option():
        options[command].add(option)
        if option == "--until":
            assert help_text.startswith("Where the replay ends"), command
    for command, own in options.items():
        assert ("--from" in own) <= ("--to" in own), command
        assert ("--since" in own) == bool({"--server"} & own or command == "fetch"), command
        assert ("--format" in own) <= bool({"--output", "--save", "--verbose"} & own), command


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("watch", TRIGGER, "-", "--for", "1s"), "note: --for was renamed to --duration"),
        (("fetch", "--no-events", "--event=a"), "note: --event was renamed to --name"),
        (("fetch", "--no-events", "--until", "1h"), "note: --until was renamed to --to"),
    ],
)
def test_old_names_are_taken_with_a_hint(arguments, hint):
    """The command goes on as if the new name had been given."""
    done = run(*arguments)
    told = done.stderr.decode()
    assert hint in told
    assert "there is no option" not in told


def test_the_page_has_a_zone_that_browsers_know(tmp_path):
    """A fixed offset goes by the name that all of them know."""
    for zone, known in (
        ("+02:00", "Etc/GMT-2"),
        ("-05:30", "-05:30"),
        ("Asia/Tokyo", "Asia/Tokyo"),
    ):
        run("replay", TRIGGER, LOG, "--tz", zone, "-o", tmp_path / "a.html")
        assert f'"zone":"{known}"' in (tmp_path / "a.html").read_text("utf-8")

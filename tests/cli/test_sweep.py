"""``trigger-cli sweep`` as a user runs it."""

import json

import pytest

from tests.cli.running import run
from tests.support import SAMPLES

TRIGGERS = SAMPLES / "triggers"
LOG = SAMPLES / "nightly.events.jsonl"
TWO = TRIGGERS / "09-threshold-within.json"
GRID = ("--threshold", "1..4", "--within", "30,60,64.3,5m,1h")

MAP = """\
  threshold ╲ within   30 s   1 min  64.3 s   5 min     1 h
                   1    22 █    19 █    18 █    16 ▓     3 ░
                   2     1 ░    [3]░     4 ░     6 ░     3 ░
                   3     ·       1 ░     1 ░     2 ░     3 ░
                   4     ·       ·       ·       ·       2 ░
"""


def test_the_map_reads_without_colour():
    """Numbers and shades, the definition's own value in brackets."""
    done = run("sweep", TWO, "--log", LOG, *GRID, "--width", "80")
    text = done.stdout.decode()
    assert 0 == done.returncode
    plain = "\n".join(line.rstrip() for line in text.splitlines())
    assert MAP in plain
    assert text.startswith('Swept "Two runs complete within a minute" over ')
    assert "Stable at 3 firings for threshold 1 to 3 and within 1 h" in text


def test_json_and_csv_tell_the_same():
    """A cell a line, and a cell an object."""
    value = json.loads(run("sweep", TWO, "--log", LOG, *GRID, "--format", "json").stdout)
    lines = run("sweep", TWO, "--log", LOG, *GRID, "--format", "csv").stdout.decode().splitlines()
    assert "trigger-cli/sweep@1" == value["format"]
    assert "threshold,within,firings,keys,first,last" == lines[0]
    assert [one["firings"] for one in value["cells"]] == [int(x.split(",")[2]) for x in lines[1:]]
    assert {"/threshold": [1, 2, 3], "/within": [3600]} == value["plateau"]["values"]
    assert [2, 60] == [axis["defined"] for axis in value["axes"]]


def test_a_row_of_the_map_is_what_replay_counts():
    """The cell that is the definition itself."""
    replayed = json.loads(run("replay", TWO, LOG, "--format", "json").stdout)
    value = json.loads(run("sweep", TWO, "--log", LOG, *GRID, "--format", "json").stdout)
    (own,) = [x for x in value["cells"] if {"/threshold": 2, "/within": 60} == x["values"]]
    assert len(replayed["firings"]) == own["firings"]


def test_another_dialect_that_may_count_otherwise_is_told(tmp_path):
    """Near the beginning, with the differences; nothing of a trigger that all take alike."""
    path = tmp_path / "t.json"
    path.write_text('{"posture": "Reactive", "expect": ["prefect.*", "!prefect.flow-run.*"]}')
    arguments = ("sweep", path, "--log", LOG, "--threshold", "1..2")
    lines = run(*arguments, "--width", "80").stdout.decode().splitlines()
    assert (
        "The server-3.9 dialect may give other numbers (D3, D9): --dialect server-3.9" in lines[:5]
    )
    server = run(*arguments, "--dialect", "server", "--format", "json").stdout
    assert ["D3", "D9"] == json.loads(server)["dialect_sensitive"]
    alike = run("sweep", TWO, "--log", LOG, *GRID, "--format", "json").stdout
    assert [] == json.loads(alike)["dialect_sensitive"]


def test_any_field_is_varied_by_its_pointer():
    """A composite's window: 3641 seconds fire a second time."""
    compound = TRIGGERS / "15-compound-exports.json"
    done = run("sweep", compound, "--log", LOG, "--set", "/within=3600,3641", "--format", "csv")
    assert [b"1", b"2"] == [line.split(b",")[1] for line in done.stdout.splitlines()[1:]]


def test_one_axis_is_a_table():
    """With keys, first and last."""
    done = run("sweep", TWO, "--log", LOG, "--threshold", "1..3")
    assert b"01:02" in done.stdout
    assert b"first" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "nothing to vary"),
        (("--threshold", "few"), "threshold"),
        (("--set", "/nowhere/x=1"), "has nothing at"),
        (("--set", "within"), "POINTER=VALUES"),
        (("--threshold", "1..101", "--within", "1..100"), "at most"),
        (("--threshold", "1..100000"), "a grid has at most 10,000 cells"),
        (("--within", "5m..30m"), "a range is in seconds, such as 300..1800..300"),
        (("--set", "/trigger/within=5"), "a pointer starts at the trigger, such as /within"),
        (("--set", '/for_each=[],["prefect.resource.id"]'), "separate JSON values with"),
    ],
)
def test_a_grid_that_cannot_be_is_a_usage_error(arguments, says):
    """With what is wrong."""
    done = run("sweep", TWO, "--log", LOG, *arguments)
    assert 2 == done.returncode
    assert says in done.stderr.decode()


def test_a_grid_is_of_one_trigger():
    """A file of several asks for a choice."""
    several = TRIGGERS / "08-expect.json"
    done = run("sweep", several, "--log", LOG, "--threshold", "1..3")
    assert 2 == done.returncode
    assert b"--automation" in done.stderr
    chosen = ("--automation", "A run failed*")
    assert 0 == run("sweep", several, "--log", LOG, "--threshold", "1..3", *chosen).returncode


@pytest.mark.parametrize("width", [40, 60, 120])
def test_it_fits_its_width(width):
    """Columns that have no room go on below."""
    done = run("sweep", TWO, "--log", LOG, *GRID, "--width", width)
    assert max(map(len, done.stdout.decode().splitlines())) <= width


def test_the_log_is_read_alike_in_every_order_of_delivery():
    """Sorted by several means, and event by event."""
    counts = []
    for order in ("occurred", "received", "log"):
        done = run(
            "sweep", TWO, "--log", LOG, *GRID, "--order", order, "--until", "+1h", "-f", "csv"
        )
        assert 0 == done.returncode
        counts.append(done.stdout)
    assert 1 == len(set(counts))


def test_a_grid_that_the_server_would_not_evaluate_says_so():
    """D11: it has no metric triggers."""
    metric = TRIGGERS / "13-metric-successes.json"
    done = run(
        "sweep", metric, "--log", LOG, "--set", "/metric/threshold=0.5,1", "--dialect=server"
    )
    text = done.stdout.decode()
    assert "Not evaluated: 2 variants, as the server has no metric triggers (D11)." in text
    assert "No variant fires." not in text


def test_a_disabled_automation_is_told_to_be_one(tmp_path):
    """A replay counts no firing of it."""
    off = {"name": "off", "enabled": False, "trigger": {"expect": ["prefect.flow-run.Failed"]}}
    (tmp_path / "off.json").write_text(json.dumps(off))
    done = run("sweep", tmp_path / "off.json", "--log", LOG, "--threshold", "1", "-f", "csv")
    assert b"1,4," in done.stdout
    assert done.stderr == b'note: "off" is disabled, and swept as if it were not (O5)\n'


def test_a_wrong_value_is_named_with_its_field():
    """One of the values of one of the axes."""
    watch = TRIGGERS / "11-proactive.json"
    done = run("sweep", watch, "--log", LOG, "--threshold", "1,2", "--within", "20,5")
    assert 2 == done.returncode
    assert b"with threshold 1 and within 5: `within`: found 5 seconds" in done.stderr


def test_times_are_whole_in_eighty_columns():
    """The bars give way."""
    done = run("sweep", TWO, "--log", LOG, "--threshold", "1..3", "--width", "80")
    assert "02:47:31.300" in done.stdout.decode()


@pytest.mark.parametrize("width", [80, 160])
def test_long_values_that_would_look_alike_are_numbered(width):
    """With a legend; the plateau is told by the numbers."""
    ids = ("prefect.flow-run.*", "prefect.flow-run.??*", "prefect.flow.*")
    match = ";".join(f'{{"prefect.resource.id":"{one}"}}' for one in ids)
    grid = ("--set", f"/match={match}", "--within", "1m,5m", "--width", width)
    done = run("sweep", TWO, "--log", LOG, *grid)
    text = done.stdout.decode()
    assert ["within", "╲", "match", "#1", "#2", "#3"] in [one.split() for one in text.splitlines()]
    assert '  #3     {"prefect.resource.id": "prefect.flow.*"}\n' in text
    assert "…" not in text


def test_a_value_that_reads_as_a_number_of_the_legend_has_none():
    """It is the value itself."""
    done = run("sweep", TWO, "--log", LOG, "--set", "/expect/0=#1,b", "--width", "80")
    assert 1 == done.stdout.decode().count("#1")


def test_values_without_room_take_several_lines_of_the_table():
    """They are not cut; the titles of the numbers are."""
    values = (
        "/match/prefect.resource.id=prefect.flow-run.*,prefect.flow-run.e*",
        "/expect/0=prefect.flow-run.Com*,prefect.flow-run.Cra*",
    )
    grid = [part for one in values for part in ("--set", one)]
    done = run("sweep", TWO, "--log", LOG, *grid, "--verbose", "--width", "80")
    table = done.stdout.decode().partition("resource.id     expect/0")[2]
    assert "run.Com*" in table
    assert "…" not in table.partition("\n")[2]


def test_values_that_lint_would_report_are_warned_of():
    """Each with its rule; `--quiet` leaves the warnings out."""
    watch = TRIGGERS / "11-proactive.json"
    grid = ("--threshold=-1..1", "--within", "20,1h")
    said = run("sweep", watch, "--log", LOG, *grid).stderr.decode().splitlines()
    never = "events can never come, so this never fires (TRG302)"
    assert [f"warning: with threshold {n}: fewer than {n} {never}" for n in (-1, 0)] == said
    assert b"" == run("sweep", watch, "--log", LOG, *grid, "--quiet").stderr

"""A share of the quick hazards, the search's own rules, and some fuzzing.

Each session meets one in sixteen of the quick hazards, of every kind and reader; which ones, and what
fuzzing feeds, its ``--front-door-seed`` decides. ``--every-hazard`` asks for all of them.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hazards import fuzzing, growth
from tests.hazards.hazard import Hazard, is_before_the_tool, meet, plain_fork
from tests.hazards.materials import make_materials
from tests.hazards.run import all_hazards, small_disk

QUICK = [one for one in all_hazards(None, moments=3) if one.quick]
SHARE = 16
INPUTS = 12
"""Of fuzzing, for each reader; ``run.py`` goes on for minutes."""


def pytest_generate_tests(metafunc):
    if "hazard" in metafunc.fixturenames:
        options = metafunc.config.option
        share = 1 if options.every_hazard else SHARE
        chosen = QUICK[options.front_door_seed % share :: share]
        metafunc.parametrize("hazard", chosen, ids=str)


@pytest.fixture(scope="session")
def materials(tmp_path_factory):
    """Made once."""
    return make_materials(tmp_path_factory.mktemp("hazards") / "materials")


@pytest.fixture(scope="module")
def outcomes(request, materials):
    """What each hazard that this session asks for came to, several at a time."""
    chosen = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [one.params["hazard"] for one in chosen if one and "hazard" in one.params]
    with plain_fork(), ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {one: pool.submit(meet, one, materials) for one in wanted}


def test_hazard(hazard, outcomes):
    """It ends as documented, tells the user in its own words, and takes little memory."""
    assert () == outcomes[hazard].result().problems


def test_a_full_disk(materials):
    """A file system of two pages; where none can be mounted, a full device must do."""
    with small_disk() as disk:
        if disk is None:
            pytest.skip("no file system can be mounted here")
        found = [
            one for one in all_hazards(disk, moments=0) if str(disk) in one.command and one.quick
        ]
        assert found
        for hazard in found:
            assert () == meet(hazard, materials).problems


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("exit 7", "exit 7, expected 0"),
        ("echo 'Traceback (most recent call last):' >&2", "the user sees"),
        ("printf '\\033[2J'", "a terminal would obey"),
        ("python3 -c 'bytearray(200_000_000)'", "MB, expected at most 100"),
        ("sleep 5", "it had not ended"),
        ("sleep 30 & exit 0", "it left processes behind"),
        ("exit 0", "stderr does not say"),
    ],
)
def test_what_goes_wrong_is_seen(command, problem, materials):
    """A check that could not fail would show nothing."""
    hazard = Hazard(
        "contents", "bad", "a shell", command, frozenset({0}), "something", seconds=2, megabytes=100
    )
    assert any(problem in one for one in meet(hazard, materials).problems)


def test_fuzzing_finds_nothing(tmp_path, pytestconfig):
    """Each reader and command once, from the session's seed."""
    for number, target in enumerate(fuzzing.targets(), pytestconfig.option.front_door_seed):
        tally = fuzzing.Tally({target.name: 0}, [], number)
        fuzzing.feed(target, number, tmp_path, tally, inputs=INPUTS)
        assert [] == [fuzzing.reproducer(one) for one in tally.failures]
        assert tally.examples[target.name] > 0


def test_fuzzing_would_find_something(tmp_path):
    """A reader that cannot take a NUL byte is found out."""

    def read(data: bytes, _folder: object) -> None:
        if b"\0" in data:
            raise ValueError(os.strerror(22))

    tally = fuzzing.Tally({"weak": 0}, [], 0)
    for number in range(20):
        if tally.failures:
            break
        fuzzing.feed(fuzzing.Target("weak", (b'{"a": [1, 2]}',), read), number, tmp_path, tally)
    assert ["ValueError: Invalid argument"] == [one.what for one in tally.failures]
    assert b"\0" in tally.failures[0].content


def test_the_search_for_slow_inputs_measures_every_reader(tmp_path):
    """Small texts: whether they take long is for ``growth.py`` to show."""
    found = growth.search(0, 1, tmp_path, smallest=40)
    assert [one.name for one in fuzzing.targets()] == [one.target for one in found]
    assert all(one.text for one in found)


def test_the_search_for_slow_inputs_would_find_one(tmp_path):
    """A reader that goes through all of its input for each byte of it."""

    def read(data: bytes, _folder: object) -> None:
        for _ in range(0, len(data), 4):
            data.count(b"[")

    slow = fuzzing.Target("slow", (b"{}",), read)
    found = growth.measured(slow, (b"", b"[", b""), tmp_path, 12_000)
    assert found.growth > growth.SUSPICIOUS


@pytest.mark.parametrize(
    ("frames", "is_before"),
    [
        ('File "<frozen runpy>", line 198, in _run_module_as_main\n', True),
        ('File "/x/trigger_cli/__main__.py", line 8, in <module>\n  import _signal\n', True),
        ('File "/x/trigger_cli/__main__.py", line 30, in main\n  run()\n', False),
        ('File "/x/trigger_cli/cli/replay.py", line 1, in <module>\n', False),
    ],
)
def test_the_tool_has_no_say_before_its_first_function(frames, is_before):
    """Its first two files are executed before it can handle Ctrl-C."""
    said = f"Traceback (most recent call last):\n  {frames}KeyboardInterrupt\n"
    assert is_before == is_before_the_tool(said)

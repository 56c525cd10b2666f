"""Windows without an event: passed at once where nothing happens, refused where too much would."""

import pickle
from itertools import chain, pairwise
from random import Random

import pytest

from tests.support import Running, at, automations, event
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.engine import endless
from trigger_cli.engine.endless import MOST_OF_A_TRIGGER, MOST_WINDOWS
from trigger_cli.engine.errors import EndlessError
from trigger_cli.model import Unmatched

WATCH = {"posture": "Proactive", "expect": ["beat"], "within": 60}
STUCK = {"posture": "Proactive", "after": ["start"], "expect": ["beat"], "within": 60}
KEYED = {**WATCH, "for_each": ["prefect.resource.id"]}
AFTER_KEYED = {**STUCK, "for_each": ["prefect.resource.id"], "threshold": 2}
YEAR_9999 = 8_000 * 366 * 86_400


@pytest.mark.parametrize("dialect", [DOCS, SERVER])
@pytest.mark.parametrize("seed", range(40))
def test_time_that_passes_at_once_is_as_time_that_passes_by_the_second(dialect, seed):
    """The same records, with the same numbers: also where P5 depends on when evaluations are."""
    random = Random(seed)
    triggers = automations(WATCH, STUCK, KEYED, AFTER_KEYED)
    seconds = sorted(random.randrange(4_000) for _ in range(random.randrange(2, 8)))
    names = random.choices(("start", "beat", "other"), k=len(seconds))
    events = [
        event(name, when, f"r.{random.randrange(2)}")
        for name, when in zip(names, seconds, strict=True)
    ]
    at_once, slowly = Running(triggers, dialect), Running(triggers, dialect)
    expected = list(slowly.take(events[0]))
    for before, after in pairwise(events):
        gap = range(before.occurred, after.occurred, 7_000_000)
        expected += chain.from_iterable(slowly.finish(instant) for instant in gap)
        expected += slowly.take(after)
    assert expected == list(chain.from_iterable(map(at_once.take, events)))
    assert slowly.pending() == at_once.pending()


@pytest.mark.parametrize("trigger", [STUCK, KEYED, AFTER_KEYED])
def test_a_watch_that_nothing_has_started_passes_to_the_end_of_the_calendar(trigger):
    replay = Running(automations(trigger))
    assert [] == list(replay.take(event("other", 0)))
    assert [] == list(replay.take(event("other", YEAR_9999)))
    assert at(YEAR_9999) == replay.clock
    list(replay.take(event("start", YEAR_9999 + 10)))
    list(replay.take(event("beat", YEAR_9999 + 30)))
    assert [at(YEAR_9999 + 90 if trigger is KEYED else YEAR_9999 + 70)] == [
        one.due for one in replay.pending()
    ]


def test_too_many_windows_are_refused_before_the_first_of_them():
    replay = Running(automations(WATCH))
    list(replay.take(event("other", 0)))
    with pytest.raises(EndlessError, match="1,000,001 windows of 1 min") as caught:
        list(replay.take(event("other", (MOST_WINDOWS + 1) * 60, line=7)))
    assert 7 == caught.value.line
    assert at(0) == replay.clock
    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))  # noqa: S301
    with pytest.raises(EndlessError) as caught:
        list(replay.finish(at(YEAR_9999)))
    assert caught.value.line is None


def test_the_buckets_of_a_trigger_count_together():
    """And only those that another window follows: in the server's dialect satisfied ones go (P5)."""
    keys = 20
    gap = (MOST_OF_A_TRIGGER // keys + 10) * 60
    events = [event("beat", n, f"r.{n}") for n in range(keys)]
    replay = Running(automations(KEYED))
    list(chain.from_iterable(map(replay.take, events)))
    with pytest.raises(EndlessError):
        list(replay.take(event("other", gap)))
    server = Running(automations(KEYED), SERVER)
    list(chain.from_iterable(map(server.take, events)))
    assert {"dropped"} == {one.kind for one in server.take(event("other", gap))}


def test_endless_goes_on():
    """Told so, it does; the first firings are enough to see it."""
    replay = Running(automations(WATCH), endless=True)
    list(replay.take(event("other", 0)))
    records = replay.take(event("other", YEAR_9999))
    assert [at(60), at(120)] == [
        next(one.at for one in records if one.kind == "fired") for _ in "12"
    ]


def test_a_run_that_no_trigger_looks_at_is_judged_by_its_gaps(monkeypatch):
    """Its events lie between the windows, however the log was read."""

    def run(*seconds: int) -> Unmatched:
        rows = range(len(seconds))
        return Unmatched(
            list(rows),
            [f"u{n}" for n in rows],
            [at(one) for one in seconds],
            [None] * len(rows),
            [0] * len(rows),
            ["other"],
        )

    monkeypatch.setattr(endless, "MOST_WINDOWS", 100)
    replay = Running(automations(WATCH))
    fired = [one for one in replay.pass_by(run(0, 90 * 60, 180 * 60)) if one.kind == "fired"]
    assert 180 == len(fired)
    with pytest.raises(EndlessError) as caught:
        list(replay.pass_by(run(181 * 60, 182 * 60, 300 * 60)))
    assert (2, at(182 * 60)) == (caught.value.line, replay.clock)

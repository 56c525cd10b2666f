"""`updating.py`: golden expectations, and nothing else of the file touched."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.testing.helpers import FAILED, one_test, results, suite
from trigger_cli.testing.running import run_scenario
from trigger_cli.testing.updating import updated

THRESHOLD = {
    "expect": ["prefect.flow-run.Failed"],
    "posture": "Reactive",
    "threshold": 2,
    "within": 60,
}
STARRED = (
    ', "dialect": ["docs", "server"], "triggers": {"expect": ["thing*"]}, "events": ["event thing"]'
)
STAR = "{expect: ['thing*'], posture: Reactive}"


def update(text):
    read = suite(text, optional=True)
    assert () == read.findings
    return updated(read, [result for one in read.scenarios for result in run_scenario(one, {})])


def passes(text):
    return all(one.passed for one in results(text))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[{fires: 3}] # why", "[{fires: 1}] # why"),
        ("[{fires:   at least 2 , at: +30s}]", "[{fires:   1 , at: +30s}]"),
        ("[{fires: once, at: +31s}]", "[{fires: never, at: +31s}]"),
        ("[{cause: disabled}]", "[{cause: fired}]"),
        ("[{bucket: none, at: +0s}]", "[{bucket: open, at: +0s}]"),
        ("[{bucket: open, count: 7, at: +0s}]", "[{bucket: open, count: 1, at: +0s}]"),
        ("[{bucket: open, count: 7, at: +9m}]", "[{bucket: none, at: +9m}]"),
        ("[{count: 7, at: +9m}]", "[{bucket: none, at: +9m}]"),
        ("[{firings: [{at: +1s}]}]", "[{firings: [{at: +30s, event: event-2}]}]"),
        ("[{firings: [], exact: true}]", "[{firings: [{at: +30s, event: event-2}], exact: true}]"),
    ],
)
def test_only_the_value_changes(before, after):
    """Layout, comments and the other keys stay."""
    assert one_test(after) == update(one_test(before))
    assert passes(one_test(after))


def test_an_expectation_that_tests_share():
    """An alias: the same correction is made once."""
    second = "- {name: two, events: [flow-run Failed at +0s x2 every 1s], expect: *e}\n"
    before = one_test("&e [{fires: never}] # why") + second
    after = before.replace("never", "1")
    assert after == update(before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"firings": # the firings: of all\n    - at: +9m', "fires: never"),
        ('"count": 7 # the count\n    at: +9m', "bucket: none # the count\n    at: +9m"),
        ("bucket: open\n    at: +9m\n    'count': 7", "bucket: none\n    at: +9m"),
        (
            "count: 7\n    bucket: open\n    at: [+9m] # a, b",
            "\n    bucket: none\n    at: [+9m] # a, b",
        ),
    ],
)
def test_a_key_in_quotes_or_named_in_a_comment(before, after):
    """Only the key itself is replaced, or goes."""
    text = one_test(f"\n  - {before}\n", events=["flow-run Completed"])
    corrected = update(text)
    assert corrected.rstrip() == text.replace(before, after).rstrip()
    assert passes(corrected)


@pytest.mark.parametrize("pad", ["", "  "])
def test_a_list_whose_firings_are_all_gone(pad):
    """As `capture` writes it, the items no deeper than their key."""
    text = f"""\
tests:
- name: it
  triggers: {FAILED}
  events: [flow-run Completed at +0s]
  expect:
  - firings:
    {pad}- {{at: +30s}} # why
    exact: true # all of them
"""
    after = update(text)
    assert after.endswith("  - firings: [] # why\n    exact: true # all of them\n")
    assert passes(after)
    back = update(after.replace("Completed at +0s", "Failed at +0s x2 every 30s"))
    assert "  - firings:\n    - {at: +30s, event: event-2} # why\n" in back
    assert passes(back)


def test_what_is_true_stays_byte_for_byte():
    """Nothing is reformatted."""
    text = one_test("[ {fires:    1}   ] # comment")
    assert text == update(text)


BLOCK = f"""\
# top
triggers: {FAILED}
tests:
- name: it   # the name
  events: [flow-run Failed at +0s x6 every 30s]
  expect:
  - firings:
    # the first
    - at: +30s   # kept
    - at: +31s
    - {{between: [+80s, +100s]}}
    exact: true   # end
# bottom
"""


def test_in_a_list_what_came_true_keeps_its_text():
    """Comments above and beside it, too; what did not is replaced."""
    assert BLOCK.replace("    - at: +31s\n", "").replace(
        "    exact", "    - {at: +2m30s, event: event-6}\n    exact"
    ) == update(BLOCK)


def test_dialects_that_differ_get_an_expectation_each():
    """`foo*` does not match `foo` on the server (D4)."""
    more = "  dialect: [docs, server]\n"
    events = ("event thing",)
    text = one_test("\n  - fires: 7\n    automation: trigger", events, more, STAR)
    done = update(text)
    assert (
        "  - dialect: docs\n    fires: 1\n    automation: trigger\n"
        "  - dialect: server\n    fires: never\n    automation: trigger\n"
    ) in done
    assert passes(done)
    flow = update(one_test("\n  - {fires: 7}", events, more, STAR))
    assert "  - {dialect: docs, fires: 1}\n  - {dialect: server, fires: never}\n" in flow


@pytest.mark.parametrize("expect", ["", "  expect:\n", "  expect: []\n"])
def test_a_test_without_expectations_gets_all_firings(expect):
    """Exactly those that there were."""
    text = f"triggers: {FAILED}\ntests:\n- name: it\n  events: [flow-run Failed x2]\n{expect}"
    done = update(text + "- name: other\n  expect: {fires: 0}\n")
    assert (
        "  expect:\n  - firings:\n    - {at: +0s, event: event-2}\n    exact: true\n- name: other"
    ) in done
    assert passes(done)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ', "expect": [{"firings": [{"at": "+0s", "event": "event-2"}], "exact": true}]'),
        (
            ', "expect": []',
            ', "expect": [{"firings": [{"at": "+0s", "event": "event-2"}], "exact": true}]',
        ),
        (', "expect": [{"fires": "never"}]', ', "expect": [{"fires": 1}]'),
        (
            ', "expect": [{"fires": "never", "at": "+9s"}, {"firings": [{"at": "+1s"}]}]',
            ', "expect": [{"fires": "never", "at": "+9s"}, {"firings": [{"at": "+0s", "event": "event-2"}]}]',
        ),
        (
            f'{STARRED}, "expect": [{{"fires": 7}}]',
            f'{STARRED}, "expect": [{{"dialect": "docs", "fires": 1}}, {{"dialect": "server", "fires": "never"}}]',
        ),
        (
            ', "events": ["event x"], "expect": [{"firings": [{"at": "+1s"}]}]',
            ', "events": ["event x"], "expect": [{"fires": "never"}]',
        ),
        (
            ', "expect": [{"count": 7, "at": "+9m"}, {"bucket": "open", "count": 7, "at": "+9m"}]',
            ', "expect": [{"bucket": "none", "at": "+9m"}, {"bucket": "none", "at": "+9m"}]',
        ),
        (
            ', "expect": [{\n  "bucket": "open",\n  "at": "+9m",\n  "count": 7\n  }]',
            ', "expect": [{\n  "bucket": "none",\n  "at": "+9m"\n  }]',
        ),
    ],
)
def test_a_file_of_json_stays_json(before, after):
    """Other programs read it, too; a test without expectations gets them."""
    trigger = json.dumps({**THRESHOLD, "match": {"prefect.resource.id": "prefect.flow-run.*"}})
    events = "" if "events" in before else ', "events": ["flow-run Failed x2"]'
    triggers = "" if "triggers" in before else f', "triggers": {trigger}'
    text = f'{{"tests": [\n  {{"name": "it"{triggers}{events}%s}}\n]}}\n'
    assert text % after == update(text % before)
    assert json.loads(text % after)
    assert passes(text % after)


def test_a_test_in_braces_gets_its_expectations_within_them():
    """On a line of their own, if its keys have lines; after a comma at the end, too."""
    text = f"triggers: {FAILED}\ntests:\n- {{name: it, events: [flow-run Failed x2]}}\n"
    added = "expect: [{firings: [{at: +0s, event: event-2}], exact: true}]"
    assert text.replace("x2]", f"x2], {added}") == update(text)
    lines = text.replace(", events", ",\n  # all\n  events").replace("x2]", "x2],\n")
    assert lines.replace("x2]", f"x2],\n  {added}") == update(lines)
    assert passes(update(lines))


def test_a_test_of_nothing_that_fires_never():
    """`fires: never` says it better than an empty list."""
    done = update(f"triggers: {FAILED}\ntests:\n- name: it")
    assert done.endswith("  expect:\n  - fires: never\n")


CLAIMS = st.sampled_from(
    [
        "{fires: 9}", "{fires: never, at: +30s}", "{cause: disabled}", "{bucket: none, at: +5s}",
        "{count: 5, at: +30s}", "{bucket: cooling-down, count: 3, at: +90s}",
        "{firings: [{at: +7s}, {at: +30s}], exact: true}", "{firings: [{event: nothing}]}",
        "{firings: [{at: +1s}, {at: +2s}, {at: +3s}, {at: +4s}]}",
    ]
)  # fmt: skip


@given(
    st.lists(CLAIMS, min_size=1, max_size=4),
    st.lists(st.integers(0, 200), max_size=6),
    st.booleans(),
    st.booleans(),
)
def test_an_updated_file_passes(claims, times, both, block):
    """Whatever was expected; and every line that is no expectation is as it was."""
    expect = "".join(f"\n  - {one}" for one in claims)
    if block:
        expect = expect.replace("{fires: 9}", "fires: 9  # nine").replace(
            "{count: 5, at: +30s}", "at: +30s\n    count: 5"
        )
    more = "  dialect: [docs, server]\n" if both else ""
    events = [f"flow-run Failed at +{one}s" for one in times]
    text = one_test(expect, events, more) if events else one_test(expect, ("event x",), more)
    done = update(text)
    assert passes(done)
    before, _, _ = text.partition("  expect:")
    assert done.startswith(before)

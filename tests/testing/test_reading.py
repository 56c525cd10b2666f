"""`reading.py` and the fields below it: a test file's mistakes, all at once and in their places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.testing.helpers import FAILED, mistakes, one_test, suite

GOOD = one_test("[{fires: 1}]")


def test_a_good_file_has_no_findings():
    """One test, with everything it needs."""
    read = suite(GOOD)
    assert () == read.findings
    assert ["it"] == [one.name for one in read.scenarios]


def test_the_top_of_the_file_holds_for_every_test():
    """Unless a test says otherwise."""
    read = suite(
        f"triggers: {FAILED}\ndialect: server\nevents: [flow-run Failed]\ntests:\n"
        "- {name: a, expect: {fires: 0}}\n"
        "- {name: b, expect: {fires: 0}, dialect: [docs, server], events: []}\n"
    )
    assert () == read.findings
    assert [("server",), ("docs", "server")] == [one.dialects for one in read.scenarios]
    assert [1, 0] == [len(one.events) for one in read.scenarios]


def test_all_mistakes_are_told_at_once():
    """Each with its line and column."""
    text = (
        f"triggers: {FAILED}\n"
        "dialect: doc\n"
        "tests:\n"
        "- name: a\n"
        "  untill: +5m\n"
        "  start: 5m\n"
        "  events:\n"
        "  - flow-run Failed at +1s nmae=x\n"
        "  - {event: a, resource: {b: 1}}\n"
        "  expect:\n"
        "  - fires: sometimes\n"
        "  - cause: window-to-short\n"
    )
    found = mistakes(text)
    assert [
        '2:10 `dialect`: found the string "doc", expected docs, docs-2026-08, server-3.9, server-3.8, server-3.6, server-3.4 or server',
        "5:3 unknown key `untill` in a test",
        '6:10 `start`: found the string "5m", expected an offset such as +5m, or a time such as 2026-03-01T12:00:00Z',
        "8:28 found `nmae`, which no event of this kind has",
        "9:30 `resource.b`: found the number 1, expected a string",
        '11:12 `fires`: found the string "sometimes", expected a number, `never`, `at least 1` or `at most 1`',
        '12:12 `cause`: found the string "window-to-short", expected a code of `trigger-cli explain`',
    ] == found


@pytest.mark.parametrize(
    ("expect", "help_text"),
    [
        ("[{fires: 1, automatoin: x}]", "did you mean `automation`?"),
        ("[{fires: 1, automation: triger}]", "did you mean `trigger`?"),
        ("[{fires: 1, trigger: '$.triggers[0]'}]", "there are: $"),
        ("[{fires: 1, labels: {a: b}}]", "the trigger has no `for_each`"),
        ("[{cause: window-to-short}]", "did you mean `window-too-short`?"),
        ("[{fires: nevver}]", "did you mean `never`?"),
        ("[{bucket: opne, at: +1s}]", "did you mean `open`?"),
        ("[{bucket: open}]", "when is the bucket looked at? `at: +5m`"),
        ("[{fires: 1, bucket: open, at: +1s}]", "write two items"),
        ("[{between: [+2m, +1m]}]", "exchange them"),
        ("[{firings: []}]", "write `fires: never`, or `exact: true` beside it"),
        ("[{fires: 1, dialect: server}]", "write `dialect: [docs, server]` in the test"),
        ("[{fires: 1, dialect: server-3.7}]", "for a server 3.7, use server-3.8"),
        ("[{automation: trigger}]", "write for example `fires: 1`"),
        ("[]", "write for example `- fires: 1`, or let `trigger-cli test --update` write it"),
    ],
)
def test_mistakes_say_what_to_do(expect, help_text):
    """What was probably meant, or what may be written."""
    assert help_text in [one.help for one in suite(one_test(expect)).findings]


def test_a_mistake_in_a_shorthand_has_its_own_column():
    """Also within quotes."""
    text = one_test("[{fires: 1}]", ('"flow-run Failed tgas=[a]"',))
    (finding,) = suite(text).findings
    assert ("tgas=[a]", "did you mean `tags`?") == (
        finding.excerpt[finding.span.column - 1 : finding.span.end_column - 1],
        finding.help,
    )


def test_mistakes_of_an_inline_trigger_are_in_this_file():
    """The definitions' own findings, at their place here."""
    (finding,) = suite(one_test("[{fires: 1}]", trigger="{expect: [a], threshold: x}")).findings
    assert ("TRG102", 1) == (finding.code, finding.span.line)


def test_triggers_that_cannot_be_read_are_told(tmp_path):
    """A path starts from the test file's folder."""
    file = str(tmp_path / "t.yaml")
    (finding,) = suite(one_test("[{fires: 1}]", trigger="none.json"), file=file).findings
    assert "TST109" == finding.code
    (tmp_path / "none.json").write_text('{"expect": ["a"], "threshold": 1, "within": 0}')
    assert () == suite(one_test("[{fires: 1}]", trigger="none.json"), file=file).findings


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: [",
        "--- 1\n--- 2\n",
        "tests: []",
        "tests: x",
        "- 1",
        "triggers:",
        "tests: [{}]",
        "\0",
    ],
)
def test_what_is_no_test_file_has_findings(text):
    """Nothing is raised."""
    assert suite(text).has_errors


@given(st.text(max_size=120))
def test_no_text_breaks_the_reader(text):
    """Whatever stands where an event, an expectation or the whole file should."""
    suite(text)
    suite(one_test("[{fires: 1}]", (repr(text),)))
    suite(f"triggers: {FAILED}\ntests:\n- name: x\n  expect: {text}\n")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["fires", "at", "firings", "bucket", "labels", "event", "between", "log",
                         "resource", "related", "exact", "dialect", "count", "times", "every"]),
        inner, max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip


@given(JSON, JSON, JSON)
def test_no_value_breaks_the_reader(events, expect, until):
    """Any value for any key is read or refused."""
    import json

    top = json.dumps(
        {
            "triggers": {"expect": ["a"], "posture": "Reactive", "threshold": 1, "within": 5},
            "tests": [{"name": "x", "events": events, "expect": expect, "until": until}],
        }
    )
    suite(top)

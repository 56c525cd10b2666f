import pytest
from msgspec.structs import replace

from trigger_cli.cli.choosing import Shown, chosen_automations, the_automation
from trigger_cli.cli.failures import CommandError
from trigger_cli.cli.shared_options import LabelValue
from trigger_cli.definitions import load_text

TRIGGER = "{type: event, posture: Reactive}"
AUTOMATIONS = load_text(
    "\n".join(
        f"- {{name: '{name}', trigger: {TRIGGER}}}" for name in ("daily", "daily late", "[a]")
    ),
    file="three.yaml",
).automations


def names(globs):
    return [one.name for one in chosen_automations(AUTOMATIONS, globs)]


def test_all_are_chosen_where_nothing_is_asked_for():
    """No ``--automation`` hides nothing."""
    assert names([]) == ["daily", "daily late", "[a]"]


def test_those_that_fit_some_glob_are_chosen_in_definition_order():
    """``--automation`` may be repeated."""
    assert names(["*late", "daily"]) == ["daily", "daily late"]


@pytest.mark.parametrize("name", ["👩\u200d💻 on call", "two\nlines"])
def test_a_name_is_taken_as_tables_show_it(name):
    """It was refused, with the same words as a hint."""
    one = replace(AUTOMATIONS[0], name=name)
    shown = name.replace("\u200d", r"\u200d").replace("\n", r"\n")
    assert one == the_automation([one, *AUTOMATIONS], shown)
    assert one == the_automation([one, *AUTOMATIONS], name)


def test_a_bucket_is_taken_as_tables_show_it():
    """They escape its value, or shorten its id."""
    ident = "flow.e177b286-17fe-5f0b-9a1c-0123456789ab"
    for value, shown in (("👩\u200d💻", r"👩\u200d💻"), (ident, "flow.e177b286…")):
        chosen = Shown([], [LabelValue("k", shown)])
        assert chosen.labels({"k": value})
        assert not chosen.labels({"k": "other"})
        assert not chosen.labels({})


@pytest.mark.parametrize(
    ("glob", "hint"),
    [
        ("Daily", 'did you mean: "daily", "daily late"'),
        ("dayli", 'did you mean: "daily"'),
        ("?", 'there are: "daily", "daily late", "[a]"'),
    ],
)
def test_a_name_that_fits_none_is_refused_with_what_comes_near(glob, hint):
    """A misspelt name is told apart from one that is far off."""
    with pytest.raises(CommandError, match="no automation is called") as raised:
        names([glob])
    assert raised.value.help_text == hint


def test_one_is_found_by_its_name_though_it_fits_several_as_a_glob():
    """A name in full goes before a glob, whatever characters it has."""
    assert the_automation(AUTOMATIONS, "[a]").name == "[a]"
    assert the_automation(AUTOMATIONS, "*late").name == "daily late"
    assert names(["[a]"]) == ["[a]"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (None, "the definitions have 3 automations"),
        ("dail*", "names 2 automations"),
        ("nobody", 'no automation is called "nobody"'),
    ],
)
def test_one_is_not_picked_at_random(wanted, message):
    """Which of several is meant is for the user to say."""
    with pytest.raises(CommandError, match=message):
        the_automation(AUTOMATIONS, wanted)

"""Templates as Prefect takes and refuses them; no text makes the parser fail."""

import pytest

from trigger_cli.lint.knowledge.templates import template_problem


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "{ }} %}",
        "{{ event.id }}",
        "{{ x | filter_of_prefect(1) }}",
        "{# a comment #}",
        "{% for a in b %}{% for c in a %}{{ c }}{% endfor %}{% endfor %}",
        "{% for a in b %}{% endfor %}" * 10,
        "{" * 200_000,
    ],
)
def test_what_is_taken(text):
    """Names and filters are not judged, and ten loops are not too many."""
    assert template_problem(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ a }", "line 1: unexpected '}'"),
        ("a\n{% if %}", "line 2: "),
        ("{# never ended", "line 1: Missing end of comment tag"),
        ("{% for a in b %}{% endfor %}" * 11, "it has 11 loops, at most 10 are taken"),
        ("{% nothing %}", "line 1: Encountered unknown tag 'nothing'"),
        ("{{ " + "(" * 50_000, "it is nested too deeply"),
        ("{{ a" + ".a" * 40_000 + " }}", "it is nested too deeply"),
        ("{{ " + "1" * 50_000 + " }}", "a number is too long"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_refused(text, why):
    """With the reason, however it is meant."""
    assert (template_problem(text) or "").startswith(why)

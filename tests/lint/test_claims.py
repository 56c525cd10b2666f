"""What rules claim of patterns holds in the dialects that they name."""

import json
from itertools import permutations, product

from tests.lint.running import lint_text
from trigger_cli.dialects import DOCS, SERVER, SERVER_3_8
from trigger_cli.match.patterns import compile_label, compile_names
from trigger_cli.model import EventTrigger

PATTERNS = ["a", "ab", "a*", "a*b", "a*b*", "!a", "!a*", "?"]
TEXTS = ["a", "b", "ab", "abb", "axb", "axbx", "xb", "x"]


def findings(trigger, *codes):
    """The messages of some rules about a trigger."""
    posture = {"posture": "Reactive", "expect": ["e"]}
    found = lint_text(json.dumps(posture | trigger))
    return [one.message for one in found if one.code in codes]


def test_trg204_says_what_a_server_takes():
    """Of two patterns, one of which is negated."""
    for patterns in permutations(PATTERNS, 2):
        taken = set(filter(compile_label(patterns, SERVER), TEXTS))
        for message in findings({"match": {"k": patterns}}, "TRG204"):
            if "nearly" not in message:
                quoted = message.partition("`")[2].partition("`")[0]
                refused = quoted and set(filter(compile_label((quoted,), SERVER), TEXTS))
                assert taken == set(TEXTS) - set(refused), patterns


def roles(dialect, expect, after=()):
    """The roles of each name."""
    roles_of = compile_names(EventTrigger(path="$", expect=expect, after=after), dialect)
    return [roles_of(text) for text in TEXTS]


def test_trg225_finds_what_changes_nothing():
    """Without the name, every dialect takes the same names, whichever the others are."""
    for expect in permutations(PATTERNS, 2):
        for message in findings({"expect": expect}, "TRG225"):
            left = tuple(one for one in expect if not message.startswith(f"`{one}`"))
            for dialect, after in product((DOCS, SERVER, SERVER_3_8), ((), ("x*",), ("!a",))):
                assert roles(dialect, expect, after) == roles(dialect, left, after), expect

"""Parts of a case: ``start``, ``until``, ``from`` and ``to``, where they are most likely to matter."""

from typing import Any

from hypothesis import strategies as st

from tests.docs_model import answer
from trigger_cli.times import format_instant, parse_instant

Json = dict[str, Any]


@st.composite
def limited(draw: st.DrawFn, case: Json) -> Json:
    """The case as it is, which covers all its events, or a part of it.

    Instants are those of events and firings, and the microseconds before and after them.
    """
    if not case["events"] or draw(st.booleans()):
        return case
    times = [one["occurred"] for one in case["events"]]
    times += [one["at"] for one in answer.firings(case) or []]
    chosen = draw(st.sampled_from(CHOICES))
    instants = {
        name: format_instant(parse_instant(draw(st.sampled_from(times))) + draw(st.integers(-1, 1)))
        for name in chosen
    }
    if "from" in instants and "to" in instants:
        instants["from"], instants["to"] = sorted((instants["from"], instants["to"]))
    return {**case, **instants} if chosen else {**case, "until": None}


CHOICES = (
    (),  # no end: after the last event
    ("until",),
    ("until",),
    ("from",),
    ("from",),
    ("to",),
    ("from", "to"),
    ("from", "until"),
    ("from", "start"),
    ("start", "until"),
)

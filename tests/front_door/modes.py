"""Ways to ask that must not matter, drawn at random."""

from hypothesis import strategies as st

from tests.front_door.door import Mode
from tests.front_door.writing import PACKINGS, SHAPES

jobs = st.sampled_from((*(None, 1, 1) * 27, 2, 3))
apart = st.sampled_from((*(False,) * 80, True))
flags = st.sampled_from((False, False, True))


@st.composite
def modes(draw: st.DrawFn, *, orders: tuple[str, ...] = ("log", "received")) -> Mode:
    """A way to ask; processes of their own are seldom, as each takes half a second."""
    from_stdin = draw(flags)
    return Mode(
        jobs=draw(jobs),
        all_is_many=draw(st.booleans()),
        packing=draw(st.sampled_from(("plain", "plain", *PACKINGS))),
        shape=draw(st.sampled_from(("lines", "lines", *SHAPES))),
        logs=1 if from_stdin else draw(st.sampled_from((1, 1, 2, 3))),
        from_stdin=from_stdin,
        newline=draw(st.sampled_from(("\n", "\n", "\r\n"))),
        has_mark=draw(flags),
        has_bad_lines=draw(flags),
        has_odd_labels=draw(flags),
        lacks_ids=draw(flags),
        has_noise=draw(flags),
        others=draw(st.sampled_from((0, 0, 1, 8))),
        order=draw(st.sampled_from(orders)),
        covers_all=draw(flags),
        typer_converts=draw(flags),
        apart=draw(apart),
    )

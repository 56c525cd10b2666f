"""Sentences with gaps: `trigger_cli.explain.sentence`."""

import pytest

from trigger_cli.explain.sentence import At, Key, Name, say, written


def test_a_gap_takes_a_part_or_a_sentence():
    """What is not our own words is written by whoever shows the sentence."""
    inner = say("{} at {}", Name("a{}b"), At(0))
    sentence = say("{}: {}, {} left for {}.", inner, "as it is", "2", Key((("k", "v"),)))
    assert "<a{}b> at 0: as it is, 2 left for <k>=<v>." == written(
        sentence, instant=str, name=lambda text: f"<{text}>"
    )


@pytest.mark.parametrize("parts", [(), ("a", "b")])
def test_every_gap_has_its_part(parts):
    """No part is lost, and none invented."""
    with pytest.raises(ValueError, match="zip"):
        say("one {} only", *parts)

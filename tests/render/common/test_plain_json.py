"""JSON in pieces is the same bytes as JSON whole."""

from __future__ import annotations

import pytest

from trigger_cli.render.common.plain_json import document_in_pieces, json_document


@pytest.mark.parametrize(
    "items", [[], [{}], [{"a": [1, {"b": '\n  "firings": []'}]}, {"c": []}, 5]]
)
def test_pieces_make_the_document(items):
    """Also where texts hold what the pieces are cut at."""
    value = {"x": {"firings": []}, "y": '\n  "firings": []', "firings": [], "z": [{"firings": []}]}
    whole = json_document({**value, "firings": items})
    pieces = list(document_in_pieces(value, "firings", iter(items)))
    assert whole == "".join(pieces)
    assert len(items) + 2 == len(pieces)

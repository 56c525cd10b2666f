"""JSON in pieces is the same bytes as JSON whole."""

import pytest

from trigger_cli.render.common.plain_json import document_in_pieces, json_document


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{}],
        [{"a": [1, {"b": '\n  "firings": []'}]}, {"c": []}, 5],
        [
            {"line": line, "of": [{"n": 2**70}, "\ud800"] if line == 150 else []}
            for line in range(200)
        ],
    ],
)
def test_pieces_make_the_document(items):
    """Also where texts hold line breaks, and lists stand in lists."""
    value = {"x": {"firings": []}, "y": '\n  "firings": []', "z": [{"firings": []}]}

    def with_lists(listed):
        group = {"none": listed([]), "\x9b": listed(items)}
        return {"firings": listed(items), **value, "in": {"it": listed([group, value])}}

    pieces = list(document_in_pieces(with_lists(iter)))
    assert json_document(with_lists(list)) == "".join(pieces)
    assert len(pieces) > len(items) / 32

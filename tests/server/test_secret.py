"""`server/secret.py`: a secret is hidden however a server repeats it."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest

from trigger_cli.server.secret import Secret

SECRETS = [
    'name:p"ss\\wörd?>',
    "pnu_0123456789abcdef",
    "user:pass word+1",
    "user:it's \\\\ &%x \U0001f600",
    "user:a%41b\\u0041c&amp;d",
    "user:tab\there",
]


def ascii_json(text):
    return json.dumps(text)


def unicode_json(text):
    return json.dumps(text, ensure_ascii=False)


def twice_json(text):
    return json.dumps(json.dumps({"detail": text}))


def thrice_json(text):
    return json.dumps(json.dumps(json.dumps(text)))


def address(text):
    return quote(text, safe="")


def address_twice(text):
    return quote(quote(text))


def address_in_small_letters(text):
    return re.sub("%..", lambda one: one[0].lower(), quote(text, safe=""))


def numbers_of_html(text):
    return (
        html.escape(text).replace("&quot;", "&#34;").encode("ascii", "xmlcharrefreplace").decode()
    )


def html_twice(text):
    return html.escape(html.escape(text))


def json_in_html(text):
    return html.escape(json.dumps(text))


def html_in_json(text):
    return json.dumps(html.escape(text))


def python_bytes(text):
    return repr(text.encode())


def bytes_one_by_one(text):
    return text.encode().decode("latin-1")


def basic(text):
    return base64.b64encode(text.encode()).decode()


def basic_of_an_address(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def basic_in_an_address(text):
    return quote(base64.b64encode(text.encode()).decode(), safe="")


FORMS = [
    str, ascii_json, unicode_json, twice_json, thrice_json, repr, ascii, python_bytes, bytes_one_by_one,
    address, address_twice, address_in_small_letters, quote_plus, html.escape, numbers_of_html, html_twice,
    json_in_html, html_in_json, basic, basic_of_an_address, basic_in_an_address,
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_hidden_in_every_form(secret, form):
    """The whole and the password alone; what stands around it is left as it is."""
    for part in {secret, secret.rpartition(":")[2]}:
        shown = form(part)
        frame = "the server <{}> of {{}} answers"
        found = Secret(secret).hide_in(frame.format(shown))
        # Of the form itself at most its quotation marks are left.
        left = re.fullmatch(r"the server <(.*)> of \{\} answers", found)
        assert left is not None
        words = re.sub(r"detail|quot|^b|u00|%22", "", left[1])
        assert "***" in words
        assert not re.search(r"\w", words), left[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"pw": "abc"}', '{"pw": "***"}'),
        ('{\\"pw\\": \\"abc\\"}', '{\\"pw\\": \\"***\\"}'),
        ("?pw=%22abc%22", "?pw=%22***%22"),
        ("bad password abc.", "bad password ***."),
        ("me:abc and me%3aabc", "*** and ***"),
        ("Basic bWU6YWJj", "Basic ***"),
        ("abcd, a_abc and me", "abcd, a_abc and me"),
    ],
)
def test_a_short_password(text, expected):
    """Hidden as a word of its own, and with the user's name."""
    assert expected == Secret("me:abc").hide_in(text)


def test_other_text_stays():
    """With its escapes."""
    text = 'a "\\"\\\\" %41 &quot; \\u00e9 \U0001f600 é + \x1b'
    assert text == Secret("name:password").hide_in(text)
    assert text == Secret("").hide_in(text)


@pytest.mark.parametrize("secret", ['a:\\\\\\"\\\\"', "a:%%2525", "name:password"])
@pytest.mark.parametrize("piece", ["\\", "%25", "%2525", "&amp;", '\\"', "\\u0041", "name:pas"])
def test_an_answer_that_would_take_long(secret, piece):
    """Its length decides, not what is in it: a search that goes back would not end."""
    text = "the server " + piece * 8_000
    assert Secret(secret).hide_in(text).startswith("the server ")

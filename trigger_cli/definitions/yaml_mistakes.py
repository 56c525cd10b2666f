"""Rewords the messages of ruamel.yaml for people who write triggers."""

import re

from ruamel.yaml.error import MarkedYAMLError

from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.definitions.wording import describe_character

# A part of ruamel.yaml's message, and the advice for it.
_ADVICE = (
    ("'\\t' that cannot start", "YAML is indented by spaces: replace the tab"),
    ("mapping values are not allowed", "check the indentation, or put the value in quotes"),
    ("alphabetic or numeric character", "put patterns that start with `*` in quotes"),
    ("but got '<tag>'", "put patterns that start with `!` in quotes"),
    ("that cannot start any token", "put the value in quotes"),
    ("expected <block end>", "check the indentation and the line before"),
    ("could not find expected ':'", "the line before may lack its `:` or a closing quote"),
    ("unexpected end of stream", "add the closing quote"),
    ("expected ',' or ']'", "add the missing `,` or `]`"),
    ("expected ',' or '}'", "add the missing `,` or `}`"),
    ("expected the node content", "a value is missing"),
)


# ruamel.yaml's names of tokens, in words.
_TOKENS = (
    ("'?'", "a key"),
    ("'-'", "a list item"),
    ("'<block mapping start>'", "keys that are indented differently"),
    ("'<block sequence start>'", "a list that is indented differently"),
    ("'<stream end>'", "the end of the file"),
    ("<block end>", "the end of the block"),
    ("'<tag>'", "a tag"),
    ("'\\x00'", "the end of the file"),
    ("unexpected end of stream", "the end of the file, expected the closing quote"),
    ("'<document start>'", "the start of a document"),
    ("'<document end>'", "the end of the document"),
    ("'<scalar>'", "a value"),
    ("mapping values are not allowed here", "found `:` where no key can stand"),
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_UNQUOTED_NEGATION = re.compile(r"[\s\[{,]!\w")


def explain(source: SourceText, error: MarkedYAMLError) -> SyntaxProblem:
    """The place and the reason why `source` is not YAML."""
    problem = " ".join(str(error.problem or "not YAML").split())
    problem = re.sub(r"\('(<[^>]*>)',\)", r"'\1'", problem)
    context = " ".join(str(error.context or "").split())
    place = error.problem_mark or error.context_mark
    offset = min(int(place.index), len(source.text)) if place else 0
    span = source.span(offset, offset + 1)
    advice = next((advice for part, advice in _ADVICE if part in problem), None)
    if _UNQUOTED_NEGATION.search(source.lines[span.line - 1]):
        advice = "put patterns that start with `!` in quotes"
    if source.text.lstrip().startswith("//"):
        advice = "this is JSON with comments: let the name of the file end in .json"
    for token, words in _TOKENS:
        problem = problem.replace(token, words)
    message = problem
    if context and error.context_mark:
        line = source.span(int(error.context_mark.index), 0).line
        message = f"{problem}, {context} that starts on line {line}"
    return SyntaxProblem(f"not YAML: {message}", span, advice)


def bad_escape(source: SourceText) -> SyntaxProblem:
    """An escape that is not a character: half of a surrogate pair, or past the last code point."""
    for escape in _ESCAPE.finditer(source.text):
        number = int(escape[1] or escape[2], 16)
        if 0xD800 <= number <= 0xDFFF or number > 0x10FFFF:
            return SyntaxProblem(
                f"found {escape[0]}, which is no character",
                source.span(*escape.span()),
                "write the character itself",
            )
    return SyntaxProblem("not YAML: found an escape that is no character", source.span(0, 1))


def unreadable_character(source: SourceText, offset: int) -> SyntaxProblem:
    """A character that YAML never allows, e.g. a NUL."""
    character = source.text[offset : offset + 1] or "\0"
    return SyntaxProblem(
        f"found {describe_character(character)}, which YAML does not allow",
        source.span(offset, offset + 1),
        "remove it",
    )

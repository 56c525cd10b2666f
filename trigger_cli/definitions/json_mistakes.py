"""Names the mistake if JSON does not allow a token at its place."""

from lark import Token

from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.definitions.wording import describe_character, quoted
from trigger_cli.model import Span

_CLOSING = {"LBRACE": "}", "LBRACK": "]"}
_OPENING = {"RBRACE": "LBRACE", "RBRACK": "LBRACK"}
_ENDS_A_VALUE = {"STRING", "INTEGER", "FLOAT", "TRUE", "FALSE", "NULL", "RBRACE", "RBRACK"}
_STARTS_A_VALUE = _ENDS_A_VALUE - {"RBRACE", "RBRACK"} | {"LBRACE", "LBRACK"}
_RAW = {"OPEN_STRING", "CONTROL_STRING", "SINGLE_QUOTED", "OPEN_COMMENT", "ELLIPSIS"}
_WORDS = {
    "True": "true",
    "False": "false",
    "None": "null",
    "nil": "null",
    "undefined": "null",
    "TRUE": "true",
    "FALSE": "false",
    "NULL": "null",
    "yes": "true",
    "no": "false",
}
_NOT_FINITE = {"NaN", "Infinity", "-Infinity", "+Infinity"}


def explain(
    source: SourceText, before: list[Token], token: Token | None, allowed: set[str]
) -> SyntaxProblem:
    """Name the mistake that follows the tokens `before`, which are correct.

    The mistake is at `token` (``None``: the file ends too early); `allowed` are the types that JSON
    allows there.
    """
    opened = _open_brackets(before)
    last = before[-1] if before else None
    if token is None:
        return _ends_early(source, opened, last)
    if token.type in _RAW - {"ELLIPSIS"}:
        return _raw(token)
    advice: str | None
    if last is not None and not opened and last.type in _ENDS_A_VALUE:
        message, advice = _more_than_one(source, before, token)
    elif allowed == {"COLON"} and last is not None and token.type != "ELLIPSIS":
        message = f"found {_name(token)} after the key {quoted(last)}, expected `:` and a value"
        advice = f"write {quoted(last)}: before the value"
    elif token.type == "ELLIPSIS":
        return _raw(token)
    elif token.type in _OPENING:
        return _closes_wrongly(token, opened, last)
    elif last is not None and last.type in _ENDS_A_VALUE and _could_be_next(token):
        _, _, line, column = token_span(last)
        return SyntaxProblem(
            f"a comma is missing after {_name(last)}, before {_name(token)}",
            Span(line, column, line, column + 1),
            "separate the members with `,`",
        )
    elif token.type == "ODD" or (token.type == "WORD" and token[0] < " "):
        found = describe_character(token[0])
        message = f"found {found}, which JSON does not allow outside strings"
        advice = "replace it, by a plain space for instance"
    elif token.type == "WORD":
        message, advice = _word(str(token), allowed)
    else:
        message, advice = _other(token, opened, last, allowed)
    return SyntaxProblem(message, token_span(token), advice)


def token_span(token: Token) -> Span:
    """The span of a token; the lexer sets all numbers, but their types are optional."""
    line, column = token.line or 1, token.column or 1
    return Span(line, column, token.end_line or line, token.end_column or column + 1)


def bad_escape(token: Token, offset: int) -> SyntaxProblem:
    """The mistake in an escape sequence at `offset` within a string token."""
    found = token[offset : offset + (6 if token[offset : offset + 2] == "\\u" else 2)]
    line, column = token.line or 1, (token.column or 1) + offset
    span = Span(line, column, line, column + len(found))
    if token[offset : offset + 3].lower() == "\\ud":
        return SyntaxProblem(
            f"found {found}, half of a surrogate pair, which is no character",
            span,
            "write the whole pair, or the character itself",
        )
    return SyntaxProblem(
        f"found {found} in a string, which is no JSON escape",
        span,
        "a backslash itself is written `\\\\`",
    )


def _open_brackets(tokens: list[Token]) -> list[Token]:
    opened: list[Token] = []
    for token in tokens:
        if token.type in _CLOSING:
            opened.append(token)
        elif token.type in _OPENING:
            opened.pop()
    return opened


def _ends_early(source: SourceText, opened: list[Token], last: Token | None) -> SyntaxProblem:
    if last is None:
        return SyntaxProblem(
            "the file is empty, expected a trigger or automation as JSON", Span(1, 1, 1, 2)
        )
    if not opened:  # a string, read as YAML first: its escape is in neither format
        return SyntaxProblem("the file ends too early", token_span(last))
    bracket = opened[-1]
    closing = _CLOSING[bracket.type]
    return SyntaxProblem(
        f"`{bracket}` is never closed: the file ends on line {len(source.lines)} without its `{closing}`",
        token_span(bracket),
        f"add the missing `{closing}`",
    )


def _more_than_one(source: SourceText, before: list[Token], token: Token) -> tuple[str, str | None]:
    if len(before) == 1 and before[0].type == "STRING" and token.type == "COLON":
        is_cut = source.text.rstrip().endswith(("...", "…"))
        return (
            f"this is a fragment of a JSON object: it starts with the key {quoted(before[0])}, expected `{{`",
            "enclose it in { }" + (", and drop the `...`" if is_cut else ""),
        )
    if token.type in _OPENING:
        return (
            f"found `{token}`, which closes nothing: everything before it is closed already",
            f"remove it, or add its `{'{' if token.type == 'RBRACE' else '['}`",
        )
    advice = "enclose the whole file in { }" if before[0].type == "STRING" else None
    if token.type in _CLOSING or (token.type == "COMMA" and before[-1].type in _OPENING):
        advice = "to hold several definitions, enclose them in [ ] with commas between them"
    return (
        f"found {_name(token)} after the end of the JSON value, expected the end of the file",
        advice,
    )


def _raw(token: Token) -> SyntaxProblem:
    span = token_span(token)
    start = Span(span.line, span.column, span.line, span.column + 2)
    match token.type:
        case "OPEN_COMMENT":
            return SyntaxProblem("the comment `/*` is never closed", start, "add `*/`")
        case "OPEN_STRING":
            return SyntaxProblem(
                f"the string {quoted(token)} is not closed on its line", span, 'add the closing `"`'
            )
        case "CONTROL_STRING":
            offset = next(i for i, character in enumerate(token) if character < " ")
            escape = {"\t": "\\t"}.get(token[offset], f"\\u{ord(token[offset]):04x}")
            return SyntaxProblem(
                f"found {describe_character(token[offset])} in a string, which JSON does not allow",
                Span(span.line, span.column + offset, span.line, span.column + offset + 1),
                f"write `{escape}`, or remove it",
            )
        case "SINGLE_QUOTED":
            return SyntaxProblem(
                f"found {quoted(token)} in single quotes, JSON strings have double ones",
                span,
                'write it with `"`',
            )
        case _:
            return SyntaxProblem(
                f"found `{token}`, which stands for something left out and is no JSON",
                span,
                "remove it, or write what it stands for",
            )


def _closes_wrongly(token: Token, opened: list[Token], last: Token | None) -> SyntaxProblem:
    if last is not None and last.type == "COLON":
        return SyntaxProblem(f"found `{token}` after `:`, expected a value", token_span(token))
    if last is not None and last.type == "COMMA" and opened[-1].type == _OPENING[token.type]:
        return SyntaxProblem(
            f"found `{token}` after `,` alone, expected a value or no comma", token_span(token)
        )
    if not opened:
        return SyntaxProblem(
            f"found `{token}`, which closes nothing", token_span(token), "remove it"
        )
    bracket = opened[-1]
    closing = _CLOSING[bracket.type]
    return SyntaxProblem(
        f"`{bracket}` is not closed: before its `{closing}` comes the `{token}` of line {token.line}, column {token.column}",
        token_span(bracket),
        f"add the missing `{closing}`",
    )


def _could_be_next(token: Token) -> bool:
    return token.type in _STARTS_A_VALUE or (token.type == "WORD" and token[0].isalnum())


def _word(text: str, allowed: set[str]) -> tuple[str, str | None]:
    if text.startswith("#"):
        return (
            "found `#`, which starts no comment in JSON",
            "start the comment with `//`; for YAML, name the file *.yaml",
        )
    if allowed <= {"STRING", "RBRACE", "COMMA"}:
        return (
            f"found {quoted(text)} without quotes, expected a key in double quotes",
            f'write "{text}"; for YAML, name the file *.yaml',
        )
    if text in _NOT_FINITE:
        return f"found {text}, which is no JSON number", None
    if text in _WORDS:
        return f"found {text}, expected a JSON value", f"did you mean {_WORDS[text]}?"
    if text[0] in "+-.0123456789":
        return (
            f"found {quoted(text)}, which is no JSON number",
            "write numbers like 60, 0.5 or 1e3; anything else in double quotes",
        )
    return (
        f"found {quoted(text)} without quotes, expected a JSON value",
        f'if it is a string, write "{text}"',
    )


def _other(
    token: Token, opened: list[Token], last: Token | None, allowed: set[str]
) -> tuple[str, str | None]:
    expects_key = allowed <= {"STRING", "RBRACE"}
    if token.type == "COMMA" and last is not None:
        before = {"COMMA": "another `,`", "COLON": "`:`"}.get(last.type, f"`{last}`")
        expected = "key" if expects_key else "value"
        advice = "remove it" if last.type != "COLON" else None
        return f"found `,` right after {before}, expected a {expected}", advice
    if token.type == "COLON" and opened and opened[-1].type == "LBRACK":
        return (
            f"found `:` inside the list that starts on line {opened[-1].line}, expected `,` or `]`",
            "keys stand in objects: enclose the pair in { }",
        )
    if last is not None and last.type in _ENDS_A_VALUE:
        closing = _CLOSING[opened[-1].type]
        return f"found {_name(token)} after {_name(last)}, expected `,` or `{closing}`", None
    expected = "a key in double quotes" if expects_key else "a value"
    return f"found {_name(token)}, expected {expected}", None


def _name(token: Token) -> str:
    if token.type == "ODD":
        return describe_character(token[0])
    if token.type in {"STRING", "WORD", *_RAW}:
        return quoted(token)
    return f"`{token}`" if len(token) < 40 else "a long number"

"""Writes actual results into the test file: golden expectations.

Only the text of expectations that were not met is changed. The rest of the file, with its comments
and layout, stays the same byte for byte. (A round trip through a YAML library would reindent the
whole file.) If the dialects differ, an expectation becomes one for each dialect. A file of JSON gets
JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from msgspec import Struct

from trigger_cli.definitions.loading import is_plain_json
from trigger_cli.definitions.nodes import Node, ObjectMember
from trigger_cli.definitions.source import SourceText
from trigger_cli.definitions.yaml_reader import read_yaml
from trigger_cli.model import Span
from trigger_cli.testing import notation
from trigger_cli.testing.fitting import paired
from trigger_cli.testing.judging import counted, found, judge, listed
from trigger_cli.testing.records import (
    BucketIs,
    CauseIs,
    Expectation,
    Fires,
    Firings,
    Suite,
)
from trigger_cli.testing.running import Result


class Patch(NamedTuple):
    """A part of the file's text and its replacement."""

    start: int
    end: int
    text: str


def updated(suite: Suite, results: Sequence[Result]) -> str:
    """The text of `suite` with the unmet expectations corrected, except those of unended replays.

    The results are those of its scenarios in order, and of each scenario in each of its dialects.
    """
    source = SourceText(suite.file, suite.text)
    root = read_yaml(source)[0]
    editor = _Editor(source, is_json=is_plain_json(source.text))
    patches: list[Patch] = []
    for runs in _ended(results):
        if runs[0].scenario.expects:
            patches += _scenario_patches(runs, editor)
        else:
            patches += _added(runs, root, editor)
    text = source.text
    # Tests may share an expectation by an alias.
    for patch in sorted(set(patches), reverse=True):
        text = text[: patch.start] + patch.text + text[patch.end :]
    return text


def corrections(results: Sequence[Result]) -> dict[str, int]:
    """The tests that `updated` changes, each with how many of its expectations it corrects.

    0: the test had no expectations, and gets them.
    """
    unmet = [
        (runs[0].scenario, {one.expectation.span for run in runs for one in run.failures})
        for runs in _ended(results)
    ]
    return {one.name: len(spans) for one, spans in unmet if spans or not one.expects}


def _ended(results: Sequence[Result]) -> Iterator[list[Result]]:
    """The results of each scenario whose replays have an end."""
    for _, group in groupby(results, key=lambda one: one.scenario.name):
        runs = list(group)
        if all(one.error is None for one in runs):
            yield runs


def _scenario_patches(runs: Sequence[Result], editor: _Editor) -> Iterator[Patch]:
    for expectation in runs[0].scenario.expectations:
        concerned = [one for one in runs if expectation.dialect in {None, one.dialect}]
        if all(judge(expectation, one.happened) is None for one in concerned):
            continue
        texts = [editor.item(expectation, one) for one in concerned]
        if all(one == texts[0] for one in texts):
            yield from texts[0]
        else:
            yield editor.split(expectation, list(zip(concerned, texts, strict=True)))


# --- One expectation ---------------------------------------------------------------------


class _Editor(Struct, frozen=True):
    """Creates patches for expectations of one file."""

    source: SourceText
    is_json: bool

    def written(self, text: str) -> str:
        """A value of YAML in flow style, in the notation of the file."""
        if not self.is_json:
            return text
        return json.dumps(read_yaml(SourceText("", text))[0].value, ensure_ascii=False)

    def item(self, expectation: Expectation, result: Result) -> list[Patch]:
        """The patches that make the expectation true for one run."""
        claim = expectation.claim
        happened = result.happened
        if judge(expectation, happened) is None:
            return []
        match claim:
            case Fires():
                number = len(counted(claim, happened))
                return [self._at(claim.span, "never" if number == 0 else str(number))]
            case Firings():
                return [self._list(claim, result)]
            case CauseIs():
                code = happened.cause(happened.chosen(claim.wanted)[0])
                return [self._at(claim.span, code)]
            case BucketIs():
                return self._bucket(claim, result)

    def _bucket(self, claim: BucketIs, result: Result) -> list[Patch]:
        states = found(claim, result.happened)
        state = states[0].state if states else "none"
        patches = [] if claim.state_span is None else [self._at(claim.state_span, state)]
        if claim.count_span is not None and state != "none":
            patches.append(self._at(claim.count_span, str(states[0].count)))
        elif claim.count_key_span is not None and claim.count_span is not None:
            patches.append(self._without(claim, claim.count_key_span, claim.count_span))
        return patches

    def _without(self, claim: BucketIs, key: Span, value: Span) -> Patch:
        """Remove ``count``; where it is all that the bucket is claimed of, write ``bucket: none``."""
        text = self.source.text
        start, end = self.range_of(key)[0], self.range_of(value)[1]
        if claim.state_span is None:
            return Patch(start, end, self._member("bucket", "none"))
        if text[self.range_of(claim.wanted.span)[0]] == "{":
            before = len(text[:start].rstrip())
            if text[before - 1] == ",":
                return Patch(before - 1, end, "")
            return Patch(start, text.find(",", end) + 1 or end, "")
        line = text.rfind("\n", 0, start) + 1
        if text[line:start].strip():
            return Patch(start, end, "")
        return Patch(line, self.end_of_block(value), "")

    def _list(self, claim: Firings, result: Result) -> Patch:
        """Write the list of firings; keeps the text of those that were met."""
        happened = result.happened
        got = listed(claim, happened)
        pairs = paired(claim.firings, got, happened.start, exact=claim.exact)
        item_of = {place: item for item, place in pairs.items()}
        several = len(happened.automations) > 1 and claim.wanted.automation is None
        shown = list(range(len(got)))
        if not claim.exact:
            # The nearest actual firing replaces a missing one; others stay unmentioned.
            missing = len(claim.firings) - len(pairs)
            left = [place for place in shown if place not in item_of]
            shown = sorted([*item_of, *left[:missing]])
        texts = [
            (item_of.get(place), notation.firing(got[place], happened.start, name=several))
            for place in shown
        ]
        return self._rewritten(claim, texts)

    def _rewritten(self, claim: Firings, texts: list[tuple[int | None, str]]) -> Patch:
        span = claim.span
        start, end = self.range_of(span)
        if not texts:
            key = self.range_of(claim.key_span)[0]
            if not claim.exact:
                # An empty list that is not exact has no meaning.
                return Patch(key, end, self._member("fires", "never"))
            if self.source.text[start : start + 1] == "[":
                return Patch(start, end, "[]")
            # The items may be no deeper than their key, where `[]` cannot stand.
            return Patch(self.source.text.index(":", key), end, ": []")
        if self.source.text[start : start + 1] == "[":
            kept = [
                self._text(claim.firings[item].span) if item is not None else self.written(new)
                for item, new in texts
            ]
            before = self.source.lines[span.line - 1][: span.column - 1]
            if before.replace("- ", "").strip() != "firings:":
                # Inside braces or brackets, a list needs brackets.
                return Patch(start, end, f"[{', '.join(kept)}]")
            indent = " " * before.index("firings:")
            start -= len(before) - len(before.rstrip())
            return Patch(start, end, "".join(f"\n{indent}- {one}" for one in kept))
        segments = self._segments(claim)
        indent = " " * (span.column - 1)
        lines = [
            segments[item] if item is not None else f"{indent}- {new}\n" for item, new in texts
        ]
        text = "".join(lines)
        last = self.end_of_block(span)
        return Patch(
            self.source.offset(span.line, 1), last, text if last > end else text.rstrip("\n")
        )

    def _segments(self, claim: Firings) -> list[str]:
        """The whole lines of each item of a block list, with the comments above it."""
        lines = self.source.lines
        segments = []
        first = claim.span.line
        for item in claim.firings:
            last = max(item.span.end_line, first)
            segments.append("".join(f"{line}\n" for line in lines[first - 1 : last]))
            first = last + 1
        return segments

    def split(self, expectation: Expectation, texts: list[tuple[Result, list[Patch]]]) -> Patch:
        """Write the item once for each dialect, corrected for it."""
        span = expectation.span
        start, end = self.range_of(span)
        indent = " " * (span.column - 3)
        is_flow = self.source.text[start] == "{"
        copies = []
        for result, patches in texts:
            text = self.source.text[start:end]
            for patch in sorted(patches, reverse=True):
                first, last = max(patch.start, start) - start, min(patch.end, end) - start
                text = text[:first] + patch.text.rstrip("\n") + text[last:]
            if is_flow:
                dialect = self.written(f"{{dialect: {result.dialect}}}")
                copies.append(f"{dialect[:-1]}, {text[1:].lstrip()}")
            else:
                pad = " " * (span.column - 1)
                copies.append(f"dialect: {result.dialect}\n{pad}{text.lstrip()}")
        is_listed = self.source.text[:start].rstrip(" ").endswith("-")
        return Patch(start, end, (f"\n{indent}- " if is_listed else ", ").join(copies))

    # --- Places --------------------------------------------------------------------------

    def _member(self, key: str, value: str) -> str:
        return f"{self.written(key)}: {self.written(value)}"

    def _at(self, span: Span, text: str) -> Patch:
        return Patch(*self.range_of(span), self.written(text))

    def _text(self, span: Span) -> str:
        return self.source.text[slice(*self.range_of(span))]

    def range_of(self, span: Span) -> tuple[int, int]:
        """The offsets of a span's beginning and end."""
        offset = self.source.offset
        return offset(span.line, span.column), offset(span.end_line, span.end_column)

    def end_of_block(self, span: Span) -> int:
        """The offset for adding text below a block: after the newline of its last line."""
        newline = self.source.text.find("\n", self.range_of(span)[1])
        return len(self.source.text) if newline < 0 else newline + 1


# --- A test without expectations ---------------------------------------------------------


def _added(runs: Sequence[Result], root: Node, editor: _Editor) -> Iterator[Patch]:
    """An ``expect`` below a test that has none: all firings, exactly."""
    scenario = runs[0].scenario
    items = [_golden(one) for one in runs]
    test = _test(scenario.name, root)
    member = test.members.get("expect")
    if editor.source.text[editor.range_of(test.span)[0]] == "{":
        yield _added_in_braces(runs, items, test, member, editor)
        return
    indent = " " * (scenario.end.column - 1)
    if all(one == items[0] for one in items):
        blocks = [_block(items[0], indent, None)]
    else:
        blocks = [_block(item, indent, run.dialect) for run, item in zip(runs, items, strict=True)]
    text = f"{indent}expect:\n" + "".join(blocks)
    if member is not None:
        key = member.key_span
        yield Patch(editor.source.offset(key.line, 1), editor.end_of_block(key), text)
        return
    end = editor.end_of_block(scenario.end)
    lead = "" if editor.source.text[:end].endswith("\n") else "\n"
    yield Patch(end, end, lead + text)


def _added_in_braces(
    runs: Sequence[Result],
    items: Sequence[Sequence[str]],
    test: Node,
    member: ObjectMember | None,
    editor: _Editor,
) -> Patch:
    """The same in a test that is written in braces, as all are in JSON."""
    claims = [
        f"firings: [{', '.join(item)}], exact: true" if item else "fires: never" for item in items
    ]
    if any(one != claims[0] for one in claims):
        claims = [
            f"dialect: {run.dialect}, {claim}" for run, claim in zip(runs, claims, strict=True)
        ]
    text = editor.written(f"[{', '.join(f'{{{one}}}' for one in dict.fromkeys(claims))}]")
    if member is not None:
        return Patch(*editor.range_of(member.node.span), text)
    key, last = editor.written("expect"), list(test.members.values())[-1]
    line = last.key_span.line
    lead = f"\n{' ' * (last.key_span.column - 1)}" if line > test.span.line else " "
    end = editor.range_of(last.node.span)[1]
    return Patch(end, end, f",{lead}{key}: {text}")


def _test(name: str, root: Node) -> Node:
    """The test of that name in the file."""
    tests = root.get("tests")
    assert tests is not None
    return next(one for one in tests.items if (own := one.get("name")) and own.value == name)


def _golden(result: Result) -> list[str]:
    happened = result.happened
    own = [one for one in happened.firings if one.is_own]
    return list(map(happened.written, own))


def _block(firings: Sequence[str], indent: str, dialect: str | None) -> str:
    lead = f"{indent}- dialect: {dialect}\n{indent}  " if dialect else f"{indent}- "
    if not firings:
        return f"{lead}fires: never\n"
    lines = "".join(f"{indent}  - {one}\n" for one in firings)
    return f"{lead}firings:\n{lines}{indent}  exact: true\n"

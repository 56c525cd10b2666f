"""The Python API: `load`, `replay`, `explain` and `lint`, which behave like the commands.

The functions run the same code as the commands, without a terminal. Their results are immutable and
can be pickled, and a notebook shows them as tables. Names, parameters and fields in this module are stable; new
ones may be added.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from msgspec.structs import replace as replace_fields
from rich.text import Text

from trigger_cli.cli.choosing import chosen_automations
from trigger_cli.cli.dialect_choice import chosen_dialect
from trigger_cli.cli.explain import gather_evidence, require_found
from trigger_cli.cli.failures import LOG, USAGE, CommandError, empty_range
from trigger_cli.cli.inputs import endless_replay, load_triggers
from trigger_cli.cli.lint import facts_of
from trigger_cli.cli.lint_baseline import without_known
from trigger_cli.cli.lint_settings import choices_reader, settings_reader
from trigger_cli.cli.output import PAPER, make_console
from trigger_cli.cli.replay import replay_log, run_replay, say_what_went_wrong
from trigger_cli.cli.shared_options import DialectName
from trigger_cli.definitions.forms import HOLDERS
from trigger_cli.definitions.templates import Values, filling_in
from trigger_cli.dialects import DIALECTS, advice_for, dialects_in
from trigger_cli.explain.explain import Question
from trigger_cli.explain.explain import explain as explain_one
from trigger_cli.explain.records import Explanation, Verdict
from trigger_cli.explain.scope import Scope
from trigger_cli.lint.runner.config import BadConfigError, Configs
from trigger_cli.lint.runner.session import in_order, lint_files, read_files
from trigger_cli.model import Automation, DeliveryOrder, Finding, Firing, Pending, key_labels
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.errors import EmptyRangeError
from trigger_cli.render.common.findings import render_findings
from trigger_cli.render.common.fitted import FittedTable
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.saved_view import SavedView
from trigger_cli.render.common.view import are_many
from trigger_cli.render.common.words import counted, sentence
from trigger_cli.render.explain.json_report import explanation_object
from trigger_cli.render.explain.table import render_explanations
from trigger_cli.render.explain.view import view_of
from trigger_cli.render.replay.json_report import replay_object
from trigger_cli.render.replay.table import render_replay
from trigger_cli.render.replay.view import ShowsAll
from trigger_cli.report import ReplayReport
from trigger_cli.times import TimePoint, parse_time_point, to_datetime

if TYPE_CHECKING:
    from rich.console import Console

Source: TypeAlias = "str | PathLike[str] | Mapping[str, Any]"
"""A path (a file, a folder or a glob), or a file's content: a trigger, an automation, an event."""
Sources: TypeAlias = "Source | Iterable[Source]"

_NAME = 120
"""The length to which a notebook shortens an automation's name, in characters."""


class TriggerCliError(Exception):
    """An error that would end a command; its text is the command's text on stderr."""


# --- Results -----------------------------------------------------------------------------------


class _Record:
    """A record with labels that cannot be changed; it can be pickled all the same."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        values = [getattr(self, name) for name in self.__slots__]
        return _record, (
            type(self),
            [dict(one) if isinstance(one, MappingProxyType) else one for one in values],
        )


def _record(made: type[_Record], values: Iterable[Any]) -> _Record:
    return made(*(MappingProxyType(one) if isinstance(one, dict) else one for one in values))


@dataclass(frozen=True, slots=True)
class FiringRecord(_Record):
    """One firing of an automation, or of a child of its trigger."""

    automation: str
    trigger: str
    """``$``, or the path of a child: ``$.triggers[0]``."""
    at: datetime
    """The simulated clock at the firing (T6), in UTC."""
    labels: Mapping[str, str] = field(hash=False)
    """Each ``for_each`` label with its value."""
    event: str | None
    """The name of the triggering event; ``None`` if a deadline fired it."""
    event_id: str | None
    children: tuple[FiringRecord, ...]
    """For a compound or sequence trigger: the child firings that it combined."""


@dataclass(frozen=True, slots=True)
class PendingRecord(_Record):
    """A deadline that is open at the end of a replay (T5)."""

    automation: str
    trigger: str
    due: datetime
    labels: Mapping[str, str] = field(hash=False)
    count: int
    threshold: float


@dataclass(frozen=True, repr=False)
class ReplayResult:
    """The result of a replay."""

    dialect: str
    """The dialect that was used, never ``auto``."""
    automations: tuple[str, ...]
    """The names of the automations, in definition order."""
    fired: tuple[FiringRecord, ...]
    """The automations' own firings, by time, then in definition order."""
    pending: tuple[PendingRecord, ...]
    warnings: tuple[str, ...]
    """The lines that the command line would print on stderr."""
    _report: ReplayReport = field(compare=False)

    def __repr__(self) -> str:
        sizes = (
            counted(len(self.automations), "automation"),
            counted(len(self.fired), "firing"),
            f"{len(self.pending)} pending",
            counted(len(self.warnings), "warning"),
        )
        return f"<ReplayResult: {', '.join(sizes)} ({self.dialect} dialect)>"

    def firings(self, automation: str | None = None) -> int:
        """The number of firings of all automations, or of those whose name matches a glob.

        Raises:
            TriggerCliError: No automation has such a name.
        """
        if automation is None:
            return len(self.fired)
        known = [one.automation for one in self._report.automations]
        with _as_errors():
            wanted = {one.name for one in chosen_automations(known, _globs(automation))}
        return sum(one.automation in wanted for one in self.fired)

    def to_dict(self) -> dict[str, Any]:
        """The object of ``trigger-cli replay --format json`` (``docs/interface.md``)."""
        return replay_object(self._report, ShowsAll())

    def _repr_html_(self) -> str:
        brief = are_many(self._report.automations)
        return _drawn(lambda console: render_replay(self._report, console, zone=UTC, brief=brief))


@dataclass(frozen=True, slots=True)
class ExplanationRecord:
    """Why one automation fired, or did not."""

    automation: str
    verdict: Verdict
    cause: str
    """A code; ``trigger-cli explain --codes`` describes each code."""
    summary: str
    """The cause in one sentence."""
    firings: int
    changes: tuple[str, ...]
    """Single changes that would have changed the outcome, each tested, the smallest first."""
    _explanation: Explanation = field(repr=False, compare=False)
    _report: ReplayReport = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The object of ``trigger-cli explain --format json`` (``docs/interface.md``)."""
        return explanation_object(self._explanation)

    def draw(self, console: Console) -> None:
        """Draw it on `console` as the command does."""
        view = view_of(
            self._report,
            UTC,
            dialect=DIALECTS[self._report.dialect],
            width=console.width,
            verbose=False,
            limit=None,
        )
        render_explanations([self._explanation], console, view)

    def _repr_html_(self) -> str:
        return _drawn(self.draw)


class Triggers(tuple[Automation, ...]):  # noqa: SLOT001  # a tuple has none
    """Automations, in definition order."""

    warnings: tuple[str, ...] = ()
    """The lines that the command line would print on stderr."""
    folders: tuple[str, ...] = ()
    """Where the files of dictionaries were, which results name without them."""

    def __repr__(self) -> str:
        return f"<Triggers: {counted(len(self), 'automation')}>"

    def _repr_html_(self) -> str:
        if not self:
            return _drawn(lambda console: _print(console, ["No automations"]))
        rows = [
            (Text(inert(one.name, _NAME), "bold"), sentence(one.trigger, DIALECTS["docs"]))
            for one in self
        ]
        table = FittedTable(("~automation", "~"), rows, PAPER)
        return _drawn(lambda console: console.print(table.rows()))


class Findings(tuple[Finding, ...]):
    """The linter's findings, by file, line, column and code."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        if not self:
            return _drawn(lambda console: _print(console, ["No findings"]))
        return _drawn(lambda console: render_findings(self, console))


class Explanations(tuple[ExplanationRecord, ...]):
    """Explanations, in definition order."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        def draw(console: Console) -> None:
            for place, one in enumerate(self):
                _print(console, [""] if place else [])
                one.draw(console)

        return _drawn(draw)


# --- Functions ---------------------------------------------------------------------------------


def load(triggers: Sources) -> Triggers:
    """Read trigger definitions.

    Args:
        triggers: Paths, or triggers and automations as dictionaries; one or several.

    Raises:
        TriggerCliError: A definition is wrong, or there is none.
    """
    said = _Said()
    with _as_errors(said), _paths(triggers, "triggers.json", said) as paths:
        found = Triggers(_loaded(paths, said))
    found.warnings, found.folders = tuple(said.text().splitlines()), tuple(said.folders)
    return found


def replay(
    triggers: Triggers | Sources,
    events: Sources,
    *,
    dialect: DialectName = "auto",
    order: DeliveryOrder = "occurred",
    start: str | datetime | None = None,
    until: str | datetime | None = None,
) -> ReplayResult:
    """Replay events against triggers, as ``trigger-cli replay`` does.

    Args:
        triggers: The result of `load`, or its argument.
        events: Logs, or events as dictionaries in the format of a log; one or several.
        dialect: The dialect of the rules (section D of ``docs/semantics.md``).
        order: The order in which events are taken (O1).
        start: When the clock starts (T3): a time, also as RFC 3339, or ``+5m`` after the first event.
        until: When the replay ends (T5), in the same formats.

    Raises:
        TriggerCliError: A definition is wrong, or the events cannot be read.
    """
    said = _Said()
    with _as_errors(said), _inputs(triggers, events, said) as (automations, logs):
        options = _options(automations, dialect, order, start, until)
        reader = replay_log(automations, logs, options, compares=True)
        report, interrupted, endless = run_replay(
            automations,
            reader,
            options,
            None,
            jobs=1,
            output_format="table",
            quiet=False,
            in_silence=True,
        )
        _require_whole(interrupted)
        if endless is not None:
            raise endless_replay(endless, reader)
        _require_log(
            say_what_went_wrong(report, reader, _console(said), interrupted=False, quiet=False)
        )
    _shorten(report, said)
    return ReplayResult(
        dialect=report.dialect,
        automations=tuple(one.name for one in automations),
        fired=tuple(map(_firing, report.firings)),
        pending=tuple(map(_pending, report.pending)),
        warnings=tuple(said.text().splitlines()),
        _report=report,
    )


def explain(
    triggers: Triggers | Sources,
    events: Sources,
    *,
    automation: str | None = None,
    resource: str | None = None,
    dialect: DialectName = "auto",
    order: DeliveryOrder = "occurred",
    start: str | datetime | None = None,
    until: str | datetime | None = None,
) -> Explanations:
    """Explain why automations fired or did not, as ``trigger-cli explain`` does.

    Args:
        triggers: As for `replay`.
        events: As for `replay`.
        automation: Only those whose name fits this glob.
        resource: Only what became of this resource: its name, its id, the id's end, or
            the id as tables show it.
        dialect: As for `replay`.
        order: As for `replay`.
        start: As for `replay`.
        until: As for `replay`.

    Raises:
        TriggerCliError: A definition is wrong, the events cannot be read, or there is no such
            automation.
    """
    said = _Said()
    with _as_errors(said), _inputs(triggers, events, said) as (every, logs):
        automations = chosen_automations(every, _globs(automation))
        options = _options(every, dialect, order, start, until)
        of = None if resource is None else _text(resource, "a resource's name or id")
        scope = None if of is None else Scope(resource=of)
        reader, evidence, interrupted = gather_evidence(
            automations, logs, options, None, scope, quiet=True
        )
        _require_whole(interrupted)
        failed = say_what_went_wrong(
            evidence.report, reader, _console(said), interrupted=False, quiet=False
        )
        _require_log(failed)
        require_found(scope, evidence)
        found = [explain_one(evidence, one, Question(scope=scope)) for one in automations]
    _shorten(evidence.report, said)
    return Explanations(
        _explanation(replace_fields(one, automation=_short(one.automation, said)), evidence.report)
        for one in found
    )


def lint(
    definitions: Sources,
    *,
    events: Sources | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    dialect: str | None = None,
    config: str | PathLike[str] | None = None,
) -> Findings:
    """Find triggers that do not do what they say, as ``trigger-cli lint`` does.

    Args:
        definitions: As for `load`; a path that cannot be read is a finding (TRG107), which no
            selection leaves out.
        events: Logs or events, for the rules that use a log.
        select: Run only these rules: codes, prefixes of codes, or names; as text with commas too.
        ignore: Do not run these rules.
        dialect: The dialect of the definitions; several separated by commas.
        config: The settings file; ``None``: the nearest ``trigger-cli.toml`` or
            ``pyproject.toml``.

    Raises:
        TriggerCliError: A rule, a setting or a dialect is unknown, or the events cannot be read.
    """
    said = _Said()
    with (
        _as_errors(said),
        _paths(definitions, "triggers.json", said) as paths,
        _paths([] if events is None else events, "events.jsonl", said) as logs,
        _environment(),
    ):
        if dialect is not None:
            _require_dialects(dialect)
        configs = Configs(_settings_file(config))
        selected, ignored = _rules(select), _rules(ignore)
        own = configs.here()
        settings_of = settings_reader(choices_reader(configs, selected, ignored, dialect))
        files, unreadable = read_files(paths, io.BytesIO())
        facts = facts_of(files, logs, dialect or own.dialect, _console(said), quiet=True)
        found = in_order([*unreadable, *lint_files(files, settings_of, facts)])
        new = without_known(found, {}, own.baseline, _console(said), quiet=True)
        return Findings(replace_fields(one, file=said.named(one.file)) for one in new)


# --- Inputs ------------------------------------------------------------------------------------


@contextmanager
def _paths(given: Sources, name: str, said: _Said) -> Iterator[list[str]]:
    """Yield paths unchanged, and dictionaries as files with that name, for the common reader.

    Events are one log, triggers and automations one list. Where a dictionary holds several of them, which no
    list does (V5), each is a file: `triggers[2].json` the second.
    """
    several: list[object] = [given]
    single = (str, bytes, PathLike, Mapping, io.IOBase)
    if isinstance(given, Iterable) and not isinstance(given, single):
        several = list(given)
    for one in several:
        if not isinstance(one, str | PathLike | Mapping):
            found = f"expected a path or a dictionary, found {type(one).__name__}"
            raise CommandError(
                found, USAGE, "give what `load` takes, or its whole result to `replay`"
            )
    paths = [str(one) for one in several if not isinstance(one, Mapping)]
    values = [one for one in several if isinstance(one, Mapping)]
    if not values:
        yield paths
        return
    with tempfile.TemporaryDirectory(prefix="trigger-cli-") as folder:
        said.folders.append(folder)
        try:
            lines = [
                json.dumps(_with_id(one, f"{name}:{number}"), default=_written)
                for number, one in enumerate(values, 1)
            ]
        except (TypeError, ValueError, RecursionError) as error:
            raise CommandError(f"a dictionary is no JSON: {error}", USAGE) from None
        file = Path(folder) / name
        is_log = file.suffix == ".jsonl"
        contents = {file: "\n".join(lines) if is_log else f"[{','.join(lines)}]"}
        if not is_log and any(HOLDERS & one.keys() for one in values):
            stems = (file.stem, *(f"{file.stem}[{number}]" for number in range(2, len(lines) + 1)))
            contents = dict(zip(map(file.with_stem, stems), lines, strict=True))
        for path, text in contents.items():
            path.write_text(text, "utf-8")
        yield [*paths, *map(str, contents)]


def _with_id(value: Mapping[str, Any], ident: str) -> Mapping[str, Any]:
    """An event that has an id (T2), which does not depend on the folder of its file; else `value`."""
    lacks = {"event", "occurred"} <= value.keys() and value.get("id") is None
    return {**value, "id": ident} if lacks else value


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a value is {type(value).__name__}")


@contextmanager
def _inputs(
    triggers: Triggers | Sources, events: Sources, said: _Said
) -> Iterator[tuple[tuple[Automation, ...], list[str]]]:
    """The automations, and the paths of logs."""
    with _paths(events, "events.jsonl", said) as logs:
        if not logs:
            raise CommandError("no log was given", USAGE)
        if isinstance(triggers, Triggers):
            said.folders += triggers.folders
            _print(_console(said), triggers.warnings)
            yield tuple(triggers), logs
            return
        with _paths(triggers, "triggers.json", said) as paths:
            automations = _loaded(paths, said)
        yield automations, logs


def _loaded(paths: Sequence[str], said: _Said) -> tuple[Automation, ...]:
    if not paths:
        raise CommandError("no triggers were given", USAGE)
    with _environment():
        return load_triggers(
            paths, _console(said), quiet=False, verbose=False, each=True
        ).automations


def _environment() -> AbstractContextManager[None]:
    """The values of templates in a ``prefect.yaml``, as in every command."""
    return filling_in(Values(environment=os.environ))


def _options(
    automations: Sequence[Automation],
    dialect: DialectName,
    order: DeliveryOrder,
    start: str | datetime | None,
    until: str | datetime | None,
) -> ReplayOptions:
    for value, known in ((dialect, ("auto", *DIALECTS)), (order, ("occurred", "received", "log"))):
        if value not in known:
            said = f"{value!r} is not one of {', '.join(known)}"
            raise CommandError(said, USAGE, advice_for(str(value)))
    return ReplayOptions(
        dialect=chosen_dialect(dialect, automations),
        order=order,
        start=_time(start),
        until=_time(until),
    )


def _rules(given: str | Sequence[str]) -> list[str]:
    is_one = isinstance(given, str) or not isinstance(given, Iterable)
    several = [given] if is_one else list(given)
    return [_text(one, "a rule as text, or several") for one in several]


def _settings_file(given: str | PathLike[str] | None) -> Path | None:
    if given is None or isinstance(given, PathLike):
        return given if given is None else Path(given)
    return Path(_text(given, "the path of a settings file"))


def _require_dialects(given: object) -> None:
    text = _text(given, 'dialects as text, such as "docs,server-3.9"')
    try:
        dialects_in(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is {error}", USAGE) from None


def _time(given: str | datetime | None) -> TimePoint | None:
    if given is None:
        return None
    told = given.isoformat() if isinstance(given, datetime) else given
    text = _text(told, "a time as text or a datetime", 'an offset is text: "+5m"')
    try:
        return parse_time_point(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is {error}", USAGE) from None


def _text(value: object, expected: str, advice: str | None = None) -> str:
    if not isinstance(value, str):
        raise CommandError(f"expected {expected}, found {type(value).__name__}", USAGE, advice)
    return value


class _Said(io.StringIO):
    """The command's output on stderr, with short names for files of dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.folders: list[str] = []
        """The folders with the files of dictionaries."""

    def named(self, text: str) -> str:
        """The text without these folders."""
        for folder in self.folders:
            text = text.replace(f"{folder}{os.sep}", "")
        return text

    def text(self) -> str:
        """All of the output."""
        return self.named(self.getvalue())


def _globs(automation: str | None) -> list[str]:
    return [] if automation is None else [_text(automation, "a name of automations or a glob")]


def _short(automation: Automation, said: _Said) -> Automation:
    """The automation with the short name of its file."""
    return replace_fields(automation, source=said.named(automation.source))


def _shorten(report: ReplayReport, said: _Said) -> None:
    """Name in a finished report no file that is gone: two calls give the same (T2)."""
    report.log.sources = tuple(map(said.named, report.log.sources))
    report.problems[:] = [
        replace_fields(one, source=said.named(one.source)) for one in report.problems
    ]
    for one in report.automations:
        one.automation = _short(one.automation, said)


# --- Errors and views --------------------------------------------------------------------------


@contextmanager
def _as_errors(said: _Said | None = None) -> Iterator[None]:
    """Convert what would end a command to an error with the command's text on stderr."""
    try:
        yield
    except CommandError as error:
        said = said or _Said()
        lines = [said.text().rstrip("\n"), said.named(error.told()) if error.message else ""]
        raise TriggerCliError("\n".join(filter(None, lines))) from None
    except EmptyRangeError as error:
        raise TriggerCliError(empty_range(error).told()) from None
    except BadConfigError as error:
        raise TriggerCliError(CommandError(str(error), USAGE).told()) from None


def _require_whole(interrupted: bool) -> None:
    if interrupted:
        raise KeyboardInterrupt


def _require_log(code: int) -> None:
    if code == LOG:
        raise CommandError("", LOG)  # the error has been reported


def _console(file: io.StringIO) -> Console:
    return make_console(file, color="never", width=PAPER)


def _drawn(draw: Callable[[Console], None]) -> str:
    """A table as an HTML fragment with all text escaped."""
    view = SavedView("fragment", width=PAPER, title="")
    draw(view.console)
    return view.text()


def _print(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, soft_wrap=True)


def _firing(one: Firing) -> FiringRecord:
    return FiringRecord(
        automation=one.automation.name,
        trigger=one.trigger.path,
        at=to_datetime(one.at),
        labels=MappingProxyType(dict(one.labels)),
        event=None if one.event is None else one.event.name,
        event_id=None if one.event is None else one.event.id,
        children=tuple(map(_firing, one.children)),
    )


def _pending(one: Pending) -> PendingRecord:
    return PendingRecord(
        automation=one.automation.name,
        trigger=one.trigger.path,
        due=to_datetime(one.due),
        labels=MappingProxyType(dict(key_labels(one.trigger, one.key))),
        count=one.count,
        threshold=one.threshold,
    )


def _explanation(one: Explanation, report: ReplayReport) -> ExplanationRecord:
    told = explanation_object(one)
    return ExplanationRecord(
        automation=one.automation.name,
        verdict=one.verdict,
        cause=one.diagnosis.cause,
        summary=cast("str", told["summary"]),
        firings=one.firings,
        changes=tuple(_change(one) for one in told["counterfactuals"]),
        _explanation=one,
        _report=report,
    )


def _change(told: Mapping[str, Any]) -> str:
    """The change's summary, after the path of the changed child, if it is a child's."""
    where = "" if told["trigger"] == "$" else f"{told['trigger']} "
    return f"{where}{told['summary']}"

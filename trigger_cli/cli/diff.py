"""``trigger-cli diff``: compare two definitions, dialects or orders on a log."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, get_args

import typer
from msgspec import Struct

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.completion import complete_between
from trigger_cli.cli.failures import FOUND, USAGE, CommandError
from trigger_cli.dialects import DIALECTS, DOCS, SERVER, Dialect
from trigger_cli.times import MINUTE

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rich.console import Console

    from trigger_cli.history.diff import Diff, DiffSide, LogRead
    from trigger_cli.model import Automation, DeliveryOrder
    from trigger_cli.pipeline import ReplayOptions
    from trigger_cli.read.log import Log

EXAMPLES = """\
Examples:

\b
  trigger-cli diff old.json new.json --log events.jsonl
  trigger-cli diff triggers/ --between dialects --log events.jsonl
  trigger-cli diff automations.json --between server-3.8,server-3.9 --log events.jsonl
  trigger-cli diff triggers/ --between orders --log events.jsonl --format json
"""

_Way: TypeAlias = Literal["definitions", "dialects", "orders"]


class Between(Struct, frozen=True):
    """The difference between the two sides."""

    way: _Way
    dialects: tuple[Dialect, ...] = (DOCS, SERVER)


_DEFINITIONS = Between("definitions")


def _parse_between(text: str) -> Between:
    ways: tuple[_Way, ...] = get_args(_Way)
    for way in ways:
        if text == way:
            return Between(way)
    names = text.split(",")
    if len(names) > 1 and all(name in DIALECTS for name in names):
        return Between("dialects", tuple(DIALECTS[name] for name in names))
    raise ValueError(
        f"neither {', '.join(ways)} nor two or more dialects with commas between them"
        f" ({', '.join(DIALECTS)})"
    )


def diff(
    paths: Annotated[
        list[str],
        shared.argument(
            "A [B]",
            "Definitions: two files or folders, matched by automation name; with"
            " --between dialects or orders, one or more.",
        ),
    ],
    log: shared.LogPaths = None,
    between: Annotated[
        Between,
        typer.Option(
            parser=shared.reader(_parse_between),
            autocompletion=complete_between,
            metavar="[definitions|dialects|orders|DIALECT,DIALECT…]",
            help="Compare two definitions, one under docs and the newest server's dialect or under"
            " others (each with the next), or one by occurrence and by receipt."
            "  [default: definitions]",
            show_default=False,
        ),
    ] = _DEFINITIONS,
    automation: Annotated[
        list[str] | None,
        shared.automations("Compare only automations whose name matches this glob. Repeatable."),
    ] = None,
    dialect: shared.DialectChoice = "auto",
    order: shared.OrderChoice = "occurred",
    start: shared.Start = None,
    until: shared.Until = None,
    taken_from: shared.TakenFrom = None,
    taken_to: shared.TakenTo = None,
    output_format: shared.Format = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    limit: shared.RowLimit = None,
    expired_bucket_buffer: shared.ExpiredBucketBuffer = MINUTE,
    strict: shared.Strict = False,
    tz: shared.Zone = UTC,
    color: shared.Color = "auto",
    width: shared.Width = None,
    quiet: Annotated[bool, shared.quiet("Show only the table of automations.")] = False,
    verbose: shared.Verbose = False,
) -> None:
    """Compare what two definitions, dialects or orders of delivery make of one log.

    Shows the firings that only one side has, or has at another time, bucket by bucket, and for each
    bucket the first transition that differs. Exit 1 if they differ.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.inputs import report_log
    from trigger_cli.cli.output import consoles, make_stderr, open_output, require_view, write_json
    from trigger_cli.pipeline import ReplayOptions

    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    stderr = make_stderr(color)
    if not log:
        raise CommandError("no log was given", USAGE, "name each log with --log")
    sides = _sides(
        paths, between, dialect, order, automation or [], stderr, quiet=quiet, verbose=verbose
    )
    first, second = sides[:2]
    if "-" in log and (first.delivery != second.delivery or len(sides) > 2):
        several = "more than two dialects" if len(sides) > 2 else "two ways of delivery"
        raise CommandError(
            f"stdin (-) can be read once only, and {several} need it more often",
            USAGE,
            "use a file",
        )
    options = ReplayOptions(
        start=start,
        until=until,
        taken_from=taken_from,
        taken_to=taken_to,
        expired_bucket_buffer=expired_bucket_buffer,
    )
    compared = [compared_on(one, log, options, quiet=quiet) for one in pairwise(sides)]
    reader, last = compared[-1]
    with open_output(output) as file:
        if not is_table:
            from trigger_cli.render.history.diff_json import diff_object, diffs_object

            found = [one for _, one in compared]
            write_json(file, diff_object(last) if len(found) == 1 else diffs_object(found))
        else:
            from trigger_cli.render.history.diff_table import render_diff
            from trigger_cli.render.history.view import TableOptions

            asked = TableOptions(
                zone=tz, sources=reader.sources, limit=limit, quiet=quiet, verbose=verbose
            )
            for console in consoles(file, "diff", color=color, width=width, save=save):
                for number, (_, one) in enumerate(compared):
                    if number:
                        console.print()
                    render_diff(one, console, asked)
    failed = report_log(reader, stderr, leaderless=last.leaderless, strict=strict, quiet=quiet)
    differs = any(one.differs for _, one in compared)
    raise typer.Exit(failed or (FOUND if differs else 0))


def compared_on(
    sides: tuple[DiffSide, DiffSide], paths: list[str], options: ReplayOptions, *, quiet: bool
) -> tuple[Log, Diff]:
    """The log as it was read last, and the comparison of its two replays."""
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.inputs import reporting_endless
    from trigger_cli.history.diff import compared
    from trigger_cli.history.diff import diff as diff_replays
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import Reading

    first, second = (side.afresh() for side in sides)
    together = first.delivery == second.delivery
    turns = [(first, second)] if together else [(first,), (second,)]
    logs = [
        Log(paths, Reading(compared(turn), turn[0].order, with_received=False)) for turn in turns
    ]
    # Both logs have the same lines, and the first has been read by then. After an error, the
    # progress must end before the error is shown.
    with reporting_endless(logs[0]), closing(_readings(logs, turns, quiet=quiet)) as readings:
        return logs[-1], diff_replays(first, second, readings, options)


def _sides(
    paths: Sequence[str],
    between: Between,
    dialect: shared.DialectName,
    order: DeliveryOrder,
    globs: list[str],
    stderr: Console,
    *,
    quiet: bool,
    verbose: bool,
) -> list[DiffSide]:
    """The replays to compare, each with the next.

    Raises:
        CommandError: There are not exactly two definitions, or one is wrong; or `dialect` or `order`
            is given where both sides are named.
    """
    from trigger_cli.cli.choosing import chosen_automations
    from trigger_cli.cli.dialect_choice import chosen_dialect
    from trigger_cli.cli.inputs import load_triggers
    from trigger_cli.history.diff import DiffSide
    from trigger_cli.render.common.words import counted

    def loaded(some: Sequence[str]) -> tuple[Automation, ...]:
        found = load_triggers(some, stderr, quiet=quiet, verbose=verbose, automation=globs)
        return chosen_automations(found.automations, globs)

    if between.way == "definitions":
        if len(paths) != 2:
            raise CommandError(
                f"{counted(len(paths), 'definition')} {'was' if len(paths) == 1 else 'were'} given,"
                " and a comparison is of two",
                USAGE,
                "give A and B, or compare one with itself by --between dialects",
            )
        old, new = loaded(paths[:1]), loaded(paths[1:])
        rules = chosen_dialect(dialect, (*old, *new))
        return [DiffSide(paths[0], old, rules, order), DiffSide(paths[1], new, rules, order)]
    if between.way == "dialects" and dialect != "auto":
        raise CommandError(
            "--between compares dialects, so --dialect has none to choose",
            USAGE,
            "name both: --between docs,server-3.8",
        )
    if between.way == "orders" and order != "occurred":
        raise CommandError("--between orders compares both, so --order has none to choose", USAGE)
    automations = loaded(paths)
    if between.way == "dialects":
        return [DiffSide(one.name, automations, one, order) for one in between.dialects]
    rules = chosen_dialect(dialect, automations)
    return [
        DiffSide("occurred", automations, rules, "occurred"),
        DiffSide("received", automations, rules, "received"),
    ]


def _readings(
    logs: Sequence[Log], turns: Sequence[tuple[DiffSide, ...]], *, quiet: bool
) -> Generator[LogRead, None, None]:
    """The log for both sides, or for each side in turn if their deliveries differ."""
    from trigger_cli.cli.inputs import reading_in_rows
    from trigger_cli.history.diff import LogRead

    for log, turn in zip(logs, turns, strict=True):
        with reading_in_rows(log, quiet=quiet) as records:
            yield LogRead(records, turn)

"""A command's help as a manual page: options in groups, exit codes, related commands."""

from inspect import cleandoc
from typing import Any, Final

from msgspec import Struct
from typer.core import TyperCommand

from trigger_cli.cli.parameters import quickly_converted

_REPLAY_LOG = "a log cannot be read, or has a malformed line (--strict)"
_LOG = "a log cannot be read"
_SERVER = "the server cannot be reached, or refuses"
_WRONG = "the command line or a definition is wrong"
_NOTHING = ""


class Page(Struct, frozen=True):
    """The parts of a command's help besides its options."""

    usage: str
    """The arguments."""
    done: str
    """The meaning of exit code 0."""
    found: str
    """The meaning of 1; empty if it cannot occur. 2 and 130 mean the same for all commands."""
    lost: str
    """The meaning of 3."""
    related: tuple[str, ...]
    """Related commands."""


PAGES: Final[dict[str, Page]] = {
    "demo": Page(
        "[DIR]", "the samples are written", _NOTHING, _NOTHING, ("replay", "explain", "init")
    ),
    "init": Page("[DIR]", "the files are written", _NOTHING, _NOTHING, ("lint", "test", "fetch")),
    "replay": Page(
        "TRIGGERS LOG",
        "the log was replayed",
        "with --fail-on-fire something fired, with --fail-on-no-fire something did not",
        _REPLAY_LOG,
        ("explain", "debug", "events"),
    ),
    "explain": Page(
        "TRIGGERS LOG", "it is explained", _NOTHING, _REPLAY_LOG, ("replay", "debug", "sweep")
    ),
    "debug": Page("TRIGGERS LOG", "the debugger was closed", _NOTHING, _LOG, ("replay", "explain")),
    "lint": Page(
        "PATHS...",
        "no finding at or above --fail-level",
        "there are findings; with --diff, there are fixes",
        _LOG,
        ("rule", "test", "schema"),
    ),
    "rule": Page("[CODE|WORD]...", "it is explained", _NOTHING, _NOTHING, ("lint",)),
    "schema": Page("", "it is printed", _NOTHING, _NOTHING, ("lint",)),
    "capture": Page("TRIGGERS LOG", "the test is written", _NOTHING, _LOG, ("test", "replay")),
    "test": Page(
        "FILES...",
        "all tests pass",
        "some test fails, none was run, or --min-coverage was not reached",
        _LOG,
        ("capture", "explain"),
    ),
    "audit": Page(
        "AUTOMATIONS LOG",
        "every firing matches or is explained",
        "something stays unexplained",
        _REPLAY_LOG,
        ("fetch", "diff"),
    ),
    "sweep": Page("TRIGGER LOG", "the grid is shown", _NOTHING, _REPLAY_LOG, ("explain", "diff")),
    "diff": Page(
        "A [B] --log LOG", "both sides agree", "they differ", _REPLAY_LOG, ("sweep", "replay")
    ),
    "drift": Page(
        "TRIGGERS... --against FILE|server",
        "the files and the other side define the same automations",
        "an automation is missing, extra or different",
        f"{_LOG}; {_SERVER}",
        ("diff", "fetch", "lint"),
    ),
    "fetch": Page("", "everything was fetched", _NOTHING, _SERVER, ("watch", "audit", "doctor")),
    "watch": Page(
        "TRIGGERS [LOG]",
        "the log, --duration or --firings came to its end",
        _NOTHING,
        f"{_LOG}; the server refuses",
        ("fetch", "replay"),
    ),
    "doctor": Page(
        "[TRIGGERS]...", "every check passes", "a check fails", _NOTHING, ("fetch", "lint")
    ),
    "events": Page("LOG...", "the log is shown", _NOTHING, _REPLAY_LOG, ("replay", "lint")),
}

_GROUPS: Final[dict[str, str]] = {
    "Input": "--log --against --var --from --to --strict --config --baseline --stdin-filename",
    "Filter": "--automation --bucket --name --event --at --firing --resource --since --until --select"
    " --ignore --changed --changed-since --run --only-failing",
    "Replay": "--dialect --order --start --until-quiet --endless --expired-bucket-buffer --jobs --pace --grace",
    "Server": "--api-url --api-key --profile --patience --offline --server --cluster",
    "Output": "--format --output --save --limit --statistics --junit --tz --color --width --quiet"
    " --verbose --compress --show-settings --fail-level --exit-zero --fail-on-fire --fail-on-no-fire",
}
_GROUP_OF = {option: title for title, options in _GROUPS.items() for option in options.split()}
_FEW = 8
"""The most options that are shown without groups."""


class ManualPage(TyperCommand):
    """A command with such a help page."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options and arguments."""
        return quickly_converted(super().get_params(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The usage line of each command, such as ``[OPTIONS] TRIGGERS LOG``, from `PAGES`."""
        del ctx
        usage = PAGES[str(self.name)].usage
        return [piece for piece in (self.options_metavar, usage) if piece]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The arguments, then the options in groups."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        sections.update({title: [] for title in ("Options", *_GROUPS)})
        params = self.get_params(ctx)
        few = len(params) <= _FEW
        replays = any("--order" in param.opts for param in params)
        for param in params:
            record = param.get_help_record(ctx)
            if record is None:
                continue
            if param.param_type_name == "argument":
                sections["Arguments"].append((str(param.metavar), record[1]))
            else:
                title = "Options" if few else _GROUP_OF.get(param.opts[0], "Options")
                # The `--until` of a replay is where its clock stops.
                if replays and param.opts[0] == "--until":
                    title = "Replay"
                sections[title].append(record)
        help_option = sections["Options"].pop()
        sections["Options" if few else "Output"].append(help_option)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples, the exit codes, and related commands."""
        del ctx
        formatter.write_paragraph()
        formatter.write_text(cleandoc(self.epilog or ""))
        page = PAGES[str(self.name)]
        texts = {
            0: page.done,
            1: page.found,
            2: _WRONG,
            3: page.lost,
            130: "interrupted; what was found is shown",
        }
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in texts.items() if text])
        commands = ", ".join(f"trigger-cli {name}" for name in page.related)
        with formatter.section("See also"):
            formatter.write_text(commands)

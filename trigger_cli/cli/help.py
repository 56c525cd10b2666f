"""A command's help as a manual page: options in groups, exit codes, related commands."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, Final

from typer.core import TyperCommand

_REPLAY_LOG = "a log cannot be read, or has a bad line (--strict)"
_LOG = "a log cannot be read"
_SERVER = "the server cannot be reached, or refuses"
_WRONG = "the command line or a definition is wrong"
_NOTHING = ""

# The meaning of 0, 1 and 3, and related commands; 2 and 130 mean the same everywhere.
PAGES: Final[dict[str, tuple[str, str, str, tuple[str, ...]]]] = {
    "replay": (
        "the log was replayed",
        "with --fail-on-fire something fired, with --fail-on-no-fire something did not",
        _REPLAY_LOG,
        ("explain", "debug", "events"),
    ),
    "explain": ("it is explained", _NOTHING, _REPLAY_LOG, ("replay", "debug", "sweep")),
    "debug": ("the debugger was left", _NOTHING, _LOG, ("replay", "explain")),
    "lint": (
        "no finding at or above --fail-level",
        "there are findings; with --diff, there are fixes",
        _LOG,
        ("rule", "test", "schema"),
    ),
    "rule": ("it is explained", _NOTHING, _NOTHING, ("lint",)),
    "schema": ("it is printed", _NOTHING, _NOTHING, ("lint",)),
    "capture": ("the test is written", _NOTHING, _LOG, ("test", "replay")),
    "test": (
        "all tests pass",
        "some test fails, none was run, or --min-coverage was not reached",
        _LOG,
        ("capture", "explain"),
    ),
    "audit": (
        "every firing matches or is explained",
        "something stays unexplained",
        _REPLAY_LOG,
        ("fetch", "diff"),
    ),
    "sweep": ("the grid is shown", _NOTHING, _REPLAY_LOG, ("explain", "diff")),
    "diff": ("both sides agree", "they differ", _REPLAY_LOG, ("sweep", "replay")),
    "drift": (
        "the server has what the files define, and no more",
        "an automation is missing, extra or different",
        f"{_LOG}; {_SERVER}",
        ("diff", "fetch", "lint"),
    ),
    "fetch": ("everything was fetched", _NOTHING, _SERVER, ("watch", "audit", "doctor")),
    "watch": (
        "the log, --for or --firings came to its end",
        _NOTHING,
        f"{_LOG}; {_SERVER}",
        ("fetch", "replay"),
    ),
    "doctor": ("every check passes", "a check fails", _NOTHING, ("fetch", "lint")),
    "events": ("the log is shown", _NOTHING, _REPLAY_LOG, ("replay", "lint")),
}

_GROUPS: Final[dict[str, str]] = {
    "Input": "--log --against --var --from --to --strict --config --baseline",
    "Filter": "--automation --bucket --event --at --firing --resource --since --until --select"
    " --ignore --run --only-failing",
    "Replay": "--dialect --order --start --until-quiet --expired-bucket-buffer --jobs --pace --grace",
    "Server": "--api-url --api-key --profile --patience --offline --server --cluster",
    "Output": "--format --output --save --limit --statistics --junit --tz --color --width --quiet"
    " --verbose --compress --fail-level --fail-on-fire --fail-on-no-fire --min-coverage",
}
_GROUP_OF = {option: title for title, options in _GROUPS.items() for option in options.split()}
_FEW = 8
"""Options that need no groups."""


class ManualPage(TyperCommand):
    """A command with such a help page."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """``[OPTIONS] TRIGGERS...``, optional arguments in brackets."""
        pieces = [self.options_metavar] if self.options_metavar else []
        for param in self.get_params(ctx):
            if param.param_type_name == "argument":
                name = str(param.metavar)
                # Some metavars give the number of arguments themselves: `A [B]`.
                name += "..." if param.nargs != 1 and name.isalpha() else ""
                pieces.append(name if param.required or not name[0].isalpha() else f"[{name}]")
        return pieces

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
                # A replay's `--until` is where its clock stops.
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
        done, found, lost, others = PAGES[str(self.name)]
        texts = {0: done, 1: found, 2: _WRONG, 3: lost, 130: "interrupted; what was found is shown"}
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in texts.items() if text])
        commands = ", ".join(f"trigger-cli {name}" for name in others)
        with formatter.section("See also"):
            formatter.write_text(commands)

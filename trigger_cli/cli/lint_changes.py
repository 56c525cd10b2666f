"""The changes of files by ``lint``, for ``--fix``, ``--add-ignore`` and ``--diff``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trigger_cli.cli.failures import FOUND, USAGE, CommandError
from trigger_cli.render.common.words import counted

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from trigger_cli.lint import Settings
    from trigger_cli.lint.runner.session import ReadFile
    from trigger_cli.model import Finding


def fixed(
    settings_of: Callable[[str], Settings], one: ReadFile, *, unsafe: bool
) -> tuple[str, int] | None:
    """A file's text after its fixes, and how many fixes there are."""
    from trigger_cli.lint.runner.session import mend

    done = mend(one, settings_of(one.file), unsafe=unsafe)
    return None if done is None else (done.text, len(done.fixes))


def silenced(
    findings: list[Finding], stderr: Console, one: ReadFile, *, quiet: bool
) -> tuple[str, int] | None:
    """A file's text with ignore comments for its findings, and how many lines got one."""
    from trigger_cli.lint.runner.adding import NoCommentsError, with_ignores
    from trigger_cli.render.common.inert import inert

    text = one.text
    own = [finding for finding in findings if finding.file == one.file]
    if text is None or not own:
        return None
    try:
        return with_ignores(text, one.file, own)
    except NoCommentsError as error:
        if not quiet:
            note = f"note: {inert(one.file, 400)} is left alone: {error}"
            stderr.print(note, style="dim", soft_wrap=True)
        return None


def rewritten(
    files: list[ReadFile],
    change: Callable[[ReadFile], tuple[str, int] | None],
    said: str,
    stderr: Console,
    *,
    write: bool,
    quiet: bool,
) -> tuple[list[ReadFile], list[str]]:
    """Change the files; returns them, and a diff for each change.

    Args:
        files: All files.
        change: Returns a file's new text and its number of changes; ``None`` if there are none.
        said: The message about the changes, with a placeholder for their number.
        stderr: The console to write the message to.
        write: Whether the files are written.
        quiet: Write no message.
    """
    from trigger_cli.lint.runner.fixing import unified_diff
    from trigger_cli.lint.runner.rewriting import (
        ChangedMeanwhileError,
        ReadOnlyFileError,
        rewrite,
    )
    from trigger_cli.lint.runner.session import renumbered, with_text
    from trigger_cli.render.common.inert import inert

    after: list[ReadFile] = []
    changes: list[str] = []
    total = 0
    for one in files:
        text, count = change(one) or ("", 0)
        if not count:
            after.append(one)
            continue
        if write:
            try:
                rewrite(one.file, one.content, text)
            except ReadOnlyFileError:
                warning = f"warning: {inert(one.file, 400)} is read-only and stays as it is"
                stderr.print(warning, style="yellow", soft_wrap=True)
                after.append(one)
                continue
            except ChangedMeanwhileError:
                message = "the file changed while it was linted; it is left as it is"
                raise CommandError(f"{one.file}: {message}", USAGE, "run it again") from None
            except OSError as error:
                reason = error.strerror or str(error)
                raise CommandError(f"cannot write {one.file}: {reason}", USAGE) from None
        total += count
        changes.append(unified_diff(one.text or "", text, one.file))
        after.append(with_text(one, text))
    if total and not quiet:
        names = ", ".join(inert(one.split("\n", 1)[0][4:], 200) for one in changes[:3])
        more = " …" if len(changes) > 3 else ""
        stderr.print(f"{said.format(counted(total, 'finding'))} {names}{more}", soft_wrap=True)
    return renumbered(after), changes


def show_diff(changes: list[str], output: Path | None, is_wrong: bool, *, exit_zero: bool) -> int:
    """Write the changes of all files; returns the exit code."""
    from trigger_cli.cli.output import open_output
    from trigger_cli.render.common.inert import inert_lines

    with open_output(output) as file:
        file.write(inert_lines("".join(changes)))
    return USAGE if is_wrong else FOUND if changes and not exit_zero else 0

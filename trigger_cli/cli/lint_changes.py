"""The changes of files by ``lint``, for ``--fix``, ``--add-ignore`` and ``--diff``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer
from msgspec import Struct

from trigger_cli.cli.failures import FOUND, USAGE, CommandError
from trigger_cli.cli.output import note, open_output, warn
from trigger_cli.render.common.inert import inert, inert_lines
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

    text = one.text
    own = [finding for finding in findings if finding.file == one.file]
    if text is None or not own:
        return None
    try:
        return with_ignores(text, one.file, own)
    except NoCommentsError as error:
        if not quiet:
            note(stderr, f"{inert(one.file, 400)} is left alone: {error}")
        return None


class Rewriting(Struct, frozen=True):
    """How the changes of files are made, or shown.

    Args:
        stderr: The console to write messages to.
        output: Where ``--diff`` writes the changes.
        is_wrong: Whether some files could not be read.
        only_shows: Whether the changes are shown, and none is made.
        exit_zero: Whether changes that are shown are no reason for exit code 1.
        quiet: Write no message about the changes.
    """

    stderr: Console
    output: Path | None
    is_wrong: bool
    only_shows: bool
    exit_zero: bool
    quiet: bool

    def of(
        self,
        files: list[ReadFile],
        change: Callable[[ReadFile], tuple[str, int] | None],
        verb: str,
        done: str,
    ) -> list[ReadFile]:
        """Change the files; returns them, or ends the command where changes are only shown.

        Args:
            files: All files.
            change: Returns a file's new text and its number of changes; ``None`` if there are none.
            verb: What is done, such as ``fix``.
            done: What was done, such as ``Fixed``.

        Raises:
            CommandError: A file cannot be written, or has changed since it was read.
        """
        from trigger_cli.lint.runner.fixing import unified_diff
        from trigger_cli.lint.runner.session import renumbered, with_text

        after: list[ReadFile] = []
        changes: list[str] = []
        total = 0
        for one in files:
            text, count = change(one) or ("", 0)
            if not count or not (self.only_shows or self._write(one, text)):
                after.append(one)
                continue
            total += count
            changes.append(unified_diff(one.text or "", text, one.file))
            after.append(with_text(one, text))
        if total and not self.quiet:
            said = f"Would {verb}" if self.only_shows else done
            names = ", ".join(inert(one.split("\n", 1)[0][4:], 200) for one in changes[:3])
            more = " …" if len(changes) > 3 else ""
            self.stderr.print(
                f"{said} {counted(total, 'finding')} in {names}{more}", soft_wrap=True
            )
        if self.only_shows:
            with open_output(self.output) as file:
                file.write(inert_lines("".join(changes)))
            found = FOUND if changes and not self.exit_zero else 0
            raise typer.Exit(USAGE if self.is_wrong else found)
        return renumbered(after)

    def _write(self, one: ReadFile, text: str) -> bool:
        """Whether the file has the new text now; one that is read-only stays as it is."""
        from trigger_cli.lint.runner.rewriting import (
            ChangedMeanwhileError,
            ReadOnlyFileError,
            rewrite,
        )

        try:
            rewrite(one.file, one.content, text)
        except ReadOnlyFileError:
            warn(self.stderr, f"{inert(one.file, 400)} is read-only and stays as it is")
            return False
        except ChangedMeanwhileError:
            message = "the file changed while it was linted; it is left as it is"
            raise CommandError(f"{one.file}: {message}", USAGE, "run it again") from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise CommandError(f"cannot write {one.file}: {reason}", USAGE) from None
        return True

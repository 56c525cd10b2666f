"""Files that ``demo`` and ``init`` write: only new ones. Suggests commands to try on them."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from trigger_cli.cli.failures import USAGE, CommandError

_FEW = 5


def write_new(folder: Path, files: Mapping[str, Path], commands: Sequence[str]) -> None:
    """Copy files into a folder, which is created if necessary, and tell of it on stdout.

    No file is overwritten. Stops at the first that cannot be written; those before it are kept.

    Args:
        folder: The target folder.
        files: The files to copy, by their names in the folder.
        commands: Commands to try; ``DIR/`` is replaced by the folder.

    Raises:
        CommandError: A file cannot be written.
    """
    written, kept = [], []
    for name, source in files.items():
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                try:
                    file.write(source.read_bytes())
                    file.flush()
                except BaseException:
                    target.unlink(missing_ok=True)  # the next run would keep a partial file
                    raise
        except FileExistsError:
            if not target.is_file():
                raise CommandError(
                    f"cannot write {target}: a folder or a special file has this name", USAGE
                ) from None
            kept.append(name)
        except OSError as error:
            raise CommandError(
                f"cannot write {target}: {error.strerror or error}",
                USAGE,
                "name a folder that you can write to",
            ) from None
        else:
            written.append(name)
    _tell(folder, written, kept, commands)


def _tell(folder: Path, written: list[str], kept: list[str], commands: Sequence[str]) -> None:
    """Print on stdout which files were written, which were there already, and commands to try."""
    from trigger_cli.render.common.inert import inert, inert_lines
    from trigger_cli.render.common.words import counted

    place = "this folder" if folder == Path() else inert(str(folder), 400)
    lines = [f"Wrote {counted(len(written), 'file')} to {place}{_named(written)}"]
    if kept:
        lines.append(f"Already there: {counted(len(kept), 'file')}{_named(kept)}")
    below = "" if folder == Path() else inert(shlex.quote(str(folder)), 400) + "/"
    lines += ["", "Try:", *(f"  {one.replace('DIR/', below)}" for one in commands)]
    typer.echo(inert_lines("\n".join(lines)))


def _named(names: Sequence[str]) -> str:
    """The names, if there are few."""
    return f": {', '.join(names)}" if 0 < len(names) <= _FEW else ""

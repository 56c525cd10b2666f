"""Files that ``demo`` and ``init`` write: new ones only, and what to try on them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import typer

from trigger_cli.cli.failures import USAGE, CommandError

_FEW = 5


class NewFiles(NamedTuple):
    """What was written, and what was there already and stays as it is; names below the folder."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def write_new(folder: Path, files: Mapping[str, Path]) -> NewFiles:
    """Copy files into a folder, which is made if need be. None is written over.

    Stops at the first that cannot be written; those before it stay.

    Args:
        folder: Where to.
        files: What to copy, each by its name below the folder.

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
                    target.unlink(missing_ok=True)  # half a file would be kept by the next run
                    raise
        except FileExistsError:
            if not target.is_file():
                raise CommandError(
                    f"cannot write {target}: a folder or the like has its name", USAGE
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
    return NewFiles(tuple(written), tuple(kept))


def tell_of(done: NewFiles, folder: Path, commands: Sequence[str]) -> None:
    """Say on stdout what was written and what to try.

    Args:
        done: What was written.
        folder: Where to.
        commands: What to try; ``DIR/`` stands for the folder.
    """
    from trigger_cli.render.common.inert import inert
    from trigger_cli.render.common.words import counted

    place = "this folder" if folder == Path() else inert(str(folder), 400)
    lines = [f"Wrote {counted(len(done.written), 'file')} to {place}{_named(done.written)}"]
    if done.kept:
        lines.append(f"Already there: {counted(len(done.kept), 'file')}{_named(done.kept)}")
    below = "" if folder == Path() else inert(shlex.quote(str(folder)), 400) + "/"
    lines += ["", "Try:", *(f"  {one.replace('DIR/', below)}" for one in commands)]
    typer.echo("\n".join(lines))


def _named(names: Sequence[str]) -> str:
    """Which they are, if they are few."""
    return f": {', '.join(names)}" if 0 < len(names) <= _FEW else ""

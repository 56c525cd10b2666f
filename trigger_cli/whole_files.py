"""Atomic writes: a file is complete or unchanged, because it is written elsewhere and then moved.

The new file keeps the owner, mode and extended attributes. A file with hard links, or with an owner
that this process may not set, is overwritten in place; a copy is kept until that is done.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which replaces `path` at the end; if `path` is a link, its target.

    After an exception, also one of the caller, `path` is unchanged and no other file is left.

    Raises:
        OSError: It cannot be written. If the former content could not be restored either, the
            message says where it is.
    """
    target = path.resolve()
    with _beside(target) as (file, written):
        yield file
        _settle(file)
        _put(written, target)


_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line ends


@contextmanager
def _beside(target: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A temporary file in the folder of `target`, and its name; the name is removed at the end."""
    # The name is known before the file is made: an interrupt at any time leaves no file.
    temporary = target.parent / f".{target.name[:40]}.{os.urandom(8).hex()}"
    try:
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        with os.fdopen(handle, "wb") as file:
            yield file, temporary
    finally:
        temporary.unlink(missing_ok=True)


def _settle(file: IO[bytes]) -> None:
    """Flush the file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def _put(written: Path, target: Path) -> None:
    try:
        old = target.stat()
    except FileNotFoundError:
        written.chmod(0o666 & ~_umask())  # as for any new file; so far only the owner may read it
        written.replace(target)
        return
    if old.st_nlink == 1 and _made_alike(written, target, old):
        written.replace(target)
    else:
        _write_over(target, written)


def _made_alike(new: Path, target: Path, old: os.stat_result) -> bool:
    """Give `new` the owner, attributes and mode of `target`; ``False`` if that is not allowed."""
    try:
        if hasattr(os, "chown"):
            made = new.stat()
            if (made.st_uid, made.st_gid) != (old.st_uid, old.st_gid):
                os.chown(new, old.st_uid, old.st_gid)
        if hasattr(os, "listxattr"):
            for name in _attributes(target):
                os.setxattr(new, name, os.getxattr(target, name))
        new.chmod(old.st_mode & 0o7777)  # last: a change of owner clears bits of the mode
    except OSError:
        return False
    return True


def _attributes(target: Path) -> list[str]:
    try:
        return os.listxattr(target)
    except OSError:  # a file system without them
        return []


def _write_over(target: Path, new: Path) -> None:
    """Overwrite the content of `target` with that of `new`; restore it if that fails."""
    with _beside(target) as (file, former):
        with target.open("rb") as before:
            shutil.copyfileobj(before, file)
        _settle(file)
        try:
            _copy_into(target, new)
        except BaseException:
            try:
                _copy_into(target, former)
            except OSError as error:
                kept = former.with_name(f"{former.name}.kept")
                former.replace(kept)
                reason = f"{error.strerror}; what it held before is in {kept}"
                raise OSError(error.errno, reason, str(target)) from error
            raise


def _copy_into(target: Path, source: Path) -> None:
    with source.open("rb") as content, target.open("r+b") as file:
        shutil.copyfileobj(content, file)
        file.truncate()
        _settle(file)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""Reads settings files, which are small; refuses large files and other formats."""

import re
from pathlib import Path
from typing import Any

from trigger_cli.same_file import identity_of, require_no_output

MOST_BYTES = 1024 * 1024
# The parser scans all parts of a dotted key again for each part.
_LONG_KEY = re.compile(r"(?<![\w.-])(?:[\w-]++[ \t]*+\.[ \t]*+){100}")


class BadFileError(ValueError):
    """The file has other content than expected; the message says which."""


def read_small(path: Path, most: int = MOST_BYTES) -> str:
    """The text of a file of at most `most` bytes; reads no more from an endless device.

    Raises:
        BadFileError: It is longer, or not UTF-8 text.
        OSError: It cannot be read.
        InputIsOutputError: It is an output of the running command.
    """
    with path.open("rb") as file:
        require_no_output(identity_of(file))
        content = file.read(most + 1)
    if len(content) > most:
        raise BadFileError(f"larger than {most // (1024 * 1024)} MiB")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadFileError(f"not UTF-8 text at byte {error.start + 1}") from None


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        BadFileError: It is not TOML, or too large.
        OSError: It cannot be read.
    """
    import tomllib  # noqa: PLC0415  # most commands read none

    text = read_small(path)
    if _LONG_KEY.search(text):
        raise BadFileError("not TOML of settings: a key has more than 100 parts")
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))  # some editors' byte order mark
    except tomllib.TOMLDecodeError as error:
        raise BadFileError(f"not TOML: {error}") from None
    except RecursionError:
        raise BadFileError("not TOML: nested too deeply") from None
    except ValueError:  # the only other cause: an integer of thousands of digits
        raise BadFileError("not TOML: a number is too long") from None

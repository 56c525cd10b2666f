"""The options of a replay, for the command line of another command that gives the same."""

from datetime import UTC, datetime, tzinfo

from trigger_cli.definitions.templates import given_variables
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.times import MINUTE, seconds_of


def options_again(options: ReplayOptions, zone: tzinfo) -> list[str]:
    """The options that give the same replay in ``explain`` and ``replay``, except the dialect.

    Those of ``--var`` are of the context that reads the definitions (`filling_in`).

    Args:
        options: The options of the replay.
        zone: The value of ``--tz``.
    """
    words: list[str] = []
    if options.order != "occurred":
        words += ["--order", options.order]
    for option, instant in (
        ("--start", options.start),
        ("--until", options.until),
        ("--from", options.taken_from),
        ("--to", options.taken_to),
    ):
        if instant is not None:
            words += [option, instant.written()]
    if options.until_quiet:
        words.append("--until-quiet")
    if options.expired_bucket_buffer != MINUTE:
        words += ["--expired-bucket-buffer", f"{seconds_of(options.expired_bucket_buffer)}s"]
    if zone is not UTC:
        name = getattr(zone, "key", None) or f"{datetime.now(zone):%z}"
        words += ["--tz", name]
    for name, value in given_variables().items():
        words += ["--var", f"{name}={value}"]
    return words

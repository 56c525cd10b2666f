"""The first and the last line of the screen."""

from rich.text import Text

from trigger_cli.debugger.loading import Loading
from trigger_cli.debugger.session import Session
from trigger_cli.debugger.views.parts import FAINT, instant
from trigger_cli.render.common.inert import inert

_MB = 1_000_000
_LONGEST_BAR = 60
_LONGEST_LOG = 60
_LOGS = 3
_KEYS = (
    ("← →", "event"),
    ("[ ]", "transition"),
    ("f F", "firing"),
    ("g", "go to"),
    ("/", "search"),
    ("b c", "break, run"),
    ("e", "edit"),
    ("d", "dialect"),
    ("y", "copy"),
    ("?", "help"),
    ("q", "quit"),
)


def loading_text(loading: Loading, width: int) -> Text:
    """The progress of opening a log."""
    stats = loading.stats
    total: float | None
    if loading.replayed:
        done, total = loading.replayed, stats.events
        told = f"replaying {done:,} of {total:,} events"
    else:
        done, total = stats.bytes_read, stats.bytes_total
        of = "" if total is None else f" of {total / _MB:,.1f}"
        told = f"reading {done / _MB:,.1f}{of} MB, {stats.events:,} events"
    columns = max(min(width - 4, _LONGEST_BAR), 1)
    filled = min(columns * done // total, columns) if total else 0
    logs = ", ".join(inert(one, _LONGEST_LOG) for one in loading.logs[:_LOGS])
    more = len(loading.logs) - _LOGS
    return Text.assemble(
        ("trigger-cli debug", "bold"),
        f"\n{logs}",
        f" and {more:,} more" if more > 0 else "",
        "\n\n",
        ("━" * filled, "cyan"),
        ("━" * (columns - filled), FAINT),
        f"\n{told}\n\n",
        _key("q", "quit"),
    )


def header_text(session: Session, width: int) -> Text:
    """The cursor's time and place in the log, and the dialect."""
    recording = session.recording
    event = recording.stop_event(session.position.stop)
    at = instant(session.clock, session.now)
    full = session.clock.full(session.now).split(" ")[0] if width >= 100 else ""
    parts = [
        (f" {full} {at}".replace("  ", " "), "bold"),
        (f" {session.clock.offset(session.now).removesuffix('.000')}", FAINT),
        (f"  event {event + 1:,}" if event is not None else "  deadline", ""),
        (f"/{len(recording.events):,}" if event is not None else "", FAINT),
    ]
    records = recording.stop_records(session.position.stop)
    if session.position.applied < records.stop:
        done = session.position.applied - records.start
        parts.append((f"  transition {done}/{len(records)}", "bold"))
    if session.breakpoints:
        parts.append((f"  ● {len(session.breakpoints)}", "red"))
    if session.edited:
        parts.append((f"  ✎ {len(session.edited)} edited", "magenta"))
    text = Text.assemble(*parts)
    right = f"{recording.dialect.name} dialect "
    text.truncate(max(width - len(right) - 1, 0), overflow="ellipsis")
    text.pad_right(max(width - text.cell_len - len(right), 0))
    text.append(right, "bold cyan")
    text.no_wrap = True
    return text


def footer_text(note: str, width: int) -> Text:
    """The note, or as many keys as fit."""
    if note:
        return Text(f" {note}", "bold", no_wrap=True, overflow="ellipsis")
    text = Text(no_wrap=True, overflow="ellipsis")
    *most, help_, quit_ = _KEYS
    room = width - sum(len(key) + len(word) + 3 for key, word in (help_, quit_))
    for key, word in most:
        if text.cell_len + len(key) + len(word) + 3 > room:
            break
        text.append_text(_key(key, word))
    return text + _key(*help_) + _key(*quit_)


def _key(key: str, word: str) -> Text:
    return Text.assemble(" ", (key, "bold"), " ", (word, FAINT), " ")

"""``fetch`` from a server that misbehaves at random, killed and started again: nothing lost or doubled.

``python tests/server/misbehaving.py --runs 500 --seed 1``. Each run has a server of its own, with
some hundred events, which cuts answers off, repeats pages, compresses gigabytes into kilobytes,
drips, lies about totals, gives cursors that lead nowhere and repeats the key. `fetch` is killed with
SIGKILL after a random page and started again, until it ends well. What a run did is told by its
seed: ``--runs 1 --seed SEED`` repeats it, but for what the two processes do at the same time.
"""

import argparse
import contextlib
import gzip
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import trigger_cli.cli.fetch
import trigger_cli.render.server.fetch_summary  # noqa: F401  # what each child would import
from trigger_cli.cli import main
from trigger_cli.read.log import Log
from trigger_cli.server import answers

KEY = "pnu_very-secret-key"
MOST_MEGABYTES = 200
_PAGE = 20
_MOST_STARTS = 40
_KILLS = 3
_BOMB = 300_000_000


@cache
def bomb(kind: str) -> bytes:
    """A small answer that is a large one: many bytes, or many values."""
    text = b" " * _BOMB if kind == "bomb of bytes" else b'{"events": [' + b"{}," * 5_000_000
    return gzip.compress(text, 1)


class Misbehaving:
    """A server whose answers a seed decides; after so many it behaves."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)
        self.dice = dice
        begin = datetime.now(UTC) - timedelta(hours=2)
        at = [
            begin + timedelta(seconds=dice.randrange(7_000)) for _ in range(dice.randrange(60, 300))
        ]
        self.events = [event(number, one, dice) for number, one in enumerate(sorted(at))]
        self.bad_answers = dice.randrange(5, 40)
        self.asked = 0
        self.did: Counter[str] = Counter()

    def page(self, body: dict, offset: int) -> dict:
        since, until = (datetime.fromisoformat(body["occurred"][one]) for one in ("since", "until"))
        found = [
            one for one in self.events if since <= datetime.fromisoformat(one["occurred"]) <= until
        ]
        token = json.dumps([body, offset + _PAGE]).encode().hex()
        link = f"http://inside/api/events/filter/next?page-token={token}"
        more = offset + _PAGE < len(found)
        return {
            "events": found[offset : offset + _PAGE],
            "total": len(found),
            "next_page": link if more else None,
        }


def event(number: int, at: datetime, dice: random.Random) -> dict:
    """An event, one in a few with what is hard to keep."""
    payload = dice.choice([{}, {"text": "é\u2028\x1b[31m" * 50}, {"n": 2**70}, None])
    if dice.random() < 0.05:
        payload = json.loads("[" * 300 + "]" * 300)
    return {
        "id": f"id-{number}",
        "event": "shop.sold",
        "occurred": at.isoformat(),
        "resource": {"prefect.resource.id": f"thing.{number}"},
        "payload": payload,
    }


def handler(server: Misbehaving, told: int) -> type[BaseHTTPRequestHandler]:
    """Answers requests; a byte to `told` for each of them."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            os.write(told, b".")
            if self.path.endswith("/admin/version"):
                return self.answer(b'"3.9.1"')
            if "page-token=" in self.path:
                token = self.path.rpartition("page-token=")[2]
                body, offset = json.loads(bytes.fromhex(token))
            else:
                body, offset = json.loads(content)["filter"], 0
            page = server.page(body, offset)
            server.asked += 1
            kind = "none"
            if server.asked <= server.bad_answers and server.dice.random() < 0.5:
                kind = server.dice.choice(list(FAULTS))
                server.did[kind] += 1
            return FAULTS.get(kind, well)(self, server, page, body, offset)

        do_GET = do_POST  # noqa: N815  # the library's word

        def answer(self, content: bytes, status: int = 200, length: int | None = None, **headers):
            self.send_response(status)
            self.send_header("content-length", str(len(content) if length is None else length))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_) -> None:
            pass

    return Handler


# --- What can go wrong ---------------------------------------------------------------------------


def well(on, _server, page, _body, _offset) -> None:
    on.answer(json.dumps(page).encode())


def cut(on, server, page, _body, _offset) -> None:
    content = json.dumps(page).encode()
    on.answer(content[: server.dice.randrange(len(content))], length=len(content))
    on.close_connection = True


def cut_without_a_length(on, server, page, _body, _offset) -> None:
    content = json.dumps(page).encode()
    on.send_response(200)
    on.send_header("connection", "close")
    on.end_headers()
    on.wfile.write(content[: server.dice.randrange(len(content))])
    on.close_connection = True


def damaged(on, server, page, _body, _offset) -> None:
    content = bytearray(gzip.compress(json.dumps(page).encode()))
    content[server.dice.randrange(10, len(content))] ^= 0x55
    on.answer(bytes(content), content_encoding="gzip")


def busy(on, server, _page, _body, _offset) -> None:
    wait = server.dice.choice(["0", "0.01", "never", "Sun, 01 Mar 99999 12:00:00 +9999999", "-1"])
    status = server.dice.choice([429, 500, 502, 503])
    on.answer(json.dumps({"detail": f"no {KEY}\x1b[2J"}).encode(), status, retry_after=wait)


def refusing(on, server, _page, _body, _offset) -> None:
    on.answer(
        json.dumps({"detail": f"{KEY} {'x' * 9_999}"}).encode(), server.dice.choice([401, 422])
    )


def bombing(on, server, _page, _body, _offset) -> None:
    content = bomb(server.dice.choice(["bomb of bytes", "bomb of values"]))
    with contextlib.suppress(OSError):  # nobody reads to its end
        on.answer(content, content_encoding="gzip")
    on.close_connection = True


def dripping(on, _server, page, _body, _offset) -> None:
    content = json.dumps(page).encode()
    on.send_response(200)
    on.send_header("content-length", str(len(content)))
    on.end_headers()
    for begin in range(0, len(content), 2_000):
        on.wfile.write(content[begin : begin + 2_000])
        time.sleep(0.005)


def repeating(on, server, page, body, offset) -> None:
    earlier = server.page(body, max(0, offset - _PAGE))
    well(on, server, {**page, "events": earlier["events"]}, body, offset)


def shuffling(on, server, page, body, offset) -> None:
    events = page["events"] * 2
    server.dice.shuffle(events)
    well(on, server, {**page, "events": events}, body, offset)


def lying(on, server, page, body, offset) -> None:
    total = server.dice.choice([page["total"] + 7, 10**30, -1, True, "many", None])
    well(on, server, {**page, "total": total}, body, offset)


def ending_early(on, server, page, body, offset) -> None:
    well(on, server, {**page, "next_page": None}, body, offset)


def leading_nowhere(on, server, page, body, offset) -> None:
    link = server.dice.choice(
        [
            "http://[",
            "\0",
            "x" * 70_000,
            7,
            "?page-token=zz",
            "//elsewhere/api/events/filter/next?x",
        ]
    )
    well(on, server, {**page, "next_page": link}, body, offset)


def redirecting(on, server, _page, _body, _offset) -> None:
    where = server.dice.choice(["http://[", "http://elsewhere.test/api", "\u00ff", on.path])
    on.answer(b"", 307, location=where)


def of_another_shape(on, server, _page, _body, _offset) -> None:
    shapes = [b"[]", b"null", b'{"events": 1}', b'{"events": [1]}', b"<html>", b"{", b"\xff", b""]
    on.answer(server.dice.choice([*shapes, b"[" * 5_000 + b"]" * 5_000]))


def of_the_future(on, server, page, body, offset) -> None:
    later = {**event(10**6, datetime(9999, 12, 31, tzinfo=UTC), server.dice)}
    well(on, server, {**page, "events": [*page["events"], later]}, body, offset)


def too_deep(on, server, page, _body, _offset) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    deep = {**event(10**6, at, server.dice), "payload": "deep"}
    text = json.dumps({**page, "events": [*page["events"], deep]})
    depth = server.dice.choice([1_100, 9_000])
    on.answer(text.replace('"deep"', "[" * depth + "]" * depth).encode())


def heavy(on, server, page, body, offset) -> None:
    payload = server.dice.choice([[1] * 400_000, [{}] * 300_000, "é" * 600_000])
    events = [{**one, "payload": payload} for one in page["events"][:4]] + page["events"][4:]
    well(on, server, {**page, "events": events}, body, offset)


FAULTS = {
    one.__name__: one
    for one in (
        cut,
        cut_without_a_length,
        damaged,
        busy,
        refusing,
        bombing,
        dripping,
        repeating,
        shuffling,
        lying,
        ending_early,
        leading_nowhere,
        redirecting,
        of_another_shape,
        of_the_future,
        too_deep,
        heavy,
    )
}


# --- A run ---------------------------------------------------------------------------------------


class Tally:
    """What all runs came to."""

    def __init__(self) -> None:
        self.starts = self.kills = self.events = 0
        self.megabytes = 0.0
        self.exits: Counter[int] = Counter()


def run(seed: int, tally: Tally) -> list[str]:
    """Fetch from one server until it ends well; what is wrong with what came of it."""
    server = Misbehaving(seed)
    ours, theirs = os.pipe()
    listening = ThreadingHTTPServer(("127.0.0.1", 0), handler(server, theirs))
    child = os.fork()
    if child == 0:
        os.close(ours)
        listening.handle_error = lambda *_: None  # a killed client
        listening.serve_forever(0.01)
    os.close(theirs)
    listening.server_close()
    url = f"http://127.0.0.1:{listening.server_port}/api"
    try:
        with tempfile.TemporaryDirectory(prefix="misbehaving-") as made:
            return list(_problems(Path(made), url, server, random.Random(-seed - 1), ours, tally))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ours)


def _problems(folder, url, server, dice, pipe, tally):
    name = "e.jsonl" + dice.choice(["", ".gz", ".zst"])
    kills = [dice.randrange(1, 12) for _ in range(dice.randrange(_KILLS + 1))]
    well = 0
    for _ in range(_MOST_STARTS):
        kill_after = kills.pop() if kills else None
        code, megabytes, said = _fetched(folder, name, url, pipe, kill_after)
        tally.starts += 1
        tally.kills += code == -signal.SIGKILL
        tally.exits[code] += 1
        tally.megabytes = max(tally.megabytes, megabytes)
        if code not in {0, 3, -signal.SIGKILL}:
            yield f"exit {code}: {said[-600:]}"
        if "Traceback" in said or "bug" in said or "\x1b" in said:
            yield f"it says {said[-600:]!r}"
        if code == 3 and "error: " not in said:
            yield f"it does not say what is wrong: {said!r}"
        if megabytes > MOST_MEGABYTES:
            yield f"{megabytes:.0f} MB: {said[-300:]}"
        everything = said.encode() + b"".join(one.read_bytes() for one in folder.iterdir())
        if KEY.encode() in everything:
            yield "it tells the key"
        # Once more after it ended well: the server may have lied that this was all.
        well = well + 1 if code == 0 and "more than it sent" not in said else 0
        if well == 2:
            break
    else:
        yield f"it had not ended after {_MOST_STARTS} starts"
    held = Counter(one.id for one in Log([str(folder / name)]))
    wanted = Counter(one["id"] for one in server.events)
    tally.events += wanted.total()
    if lost := wanted - held:
        yield f"lost {sorted(lost)[:5]} of {wanted.total()}"
    if doubled := held - wanted:
        yield f"doubled or foreign {sorted(doubled)[:5]}"


def _fetched(folder, name, url, pipe, kill_after):
    """Run `fetch` in a process of its own: exit code, megabytes, what it said."""
    said = folder.with_suffix(".said")
    child = os.fork()
    if child == 0:
        _fetch(folder / name, url, said)
    asked = 0
    while True:
        found, _, _ = select.select([pipe], [], [], 0.02)
        if found:
            asked += len(os.read(pipe, 1_000))
        if kill_after is not None and asked > kill_after:
            os.kill(child, signal.SIGKILL)
            kill_after = None
        ended, status, used = os.wait4(child, os.WNOHANG)
        if ended:
            break
    text = said.read_text("utf-8", "replace")
    said.unlink()
    return os.waitstatus_to_exitcode(status), used.ru_maxrss / 1024, text


def _fetch(path: Path, url: str, said: Path) -> None:
    """The command itself, in a child that never returns."""
    handle = os.open(said, os.O_WRONLY | os.O_CREAT)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.environ.update(PREFECT_API_URL=url, PREFECT_API_KEY=KEY, NO_COLOR="1", PREFECT_HOME="/none")
    answers.FIRST_DELAY, answers.LONGEST_DELAY = 0.01, 0.05
    try:
        main(["fetch", "-o", str(path), "--patience", "3s", "--since", "3h"])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 2
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def script() -> int:
    """Do the runs that the options ask for; 1 if something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for kind in ("bomb of bytes", "bomb of values"):
        bomb(kind)
    tally = Tally()
    bad = 0
    for seed in range(options.seed, options.seed + options.runs):
        problems = run(seed, tally)
        bad += bool(problems)
        for one in problems:
            print(f"seed {seed}: {one}", flush=True)
    exits = ", ".join(f"{code}: {many}" for code, many in sorted(tally.exits.items()))
    print(
        f"{options.runs} runs from seed {options.seed}, {tally.starts:,} starts of fetch"
        f" ({tally.kills:,} killed), {tally.events:,} events; exits {exits};"
        f" at most {tally.megabytes:.0f} MB; {bad} runs not as they should be"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(script())

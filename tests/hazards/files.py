"""Hazards in files themselves: what is there, what is not, and what changes while it is read."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

from tests.hazards.contents import NOBODY, READERS, Reader
from tests.hazards.hazard import Hazard
from tests.hazards.materials import TRIGGER_JSON, holds

# Root may read everything; without this capability it may not.
UNPRIVILEGED = "setpriv --bounding-set -dac_override,-dac_read_search"

# Addresses that a proxy or a certificate would be needed for; none is reached.
_NAMED = "http://prefect.invalid/api"
_SECURE = "https://192.0.2.1/api"


def hazards() -> Iterator[Hazard]:
    """Every kind of odd file for every reader, then what happens while one is read."""
    for reader in READERS:
        yield from _odd_files(reader)
    yield from _changing_files()
    yield from _folders()
    yield from _settings()


def _odd_files(reader: Reader) -> Iterator[Hazard]:
    file, exits = reader.file, reader.exits | {2, 3}
    if reader.name == "fetch's companion":
        return  # it is fetch's own, and what is no file there is none
    if "<" in reader.command:
        return  # it is the shell that opens the file

    def hazard(name: str, before: str, says: str, *, quick: bool = False) -> Hazard:
        return Hazard(
            "files",
            name,
            reader.name,
            f"{before}; {reader.command}",
            exits,
            says,
            holds(f"sound-{file}", reader.filled(reader.value)),
            quick=quick and reader.quick,
        )

    creates = reader.name == "fetch's file"
    no_file = "" if creates or reader.name == "profiles.toml" else "[Nn]o such file"
    yield hazard("not there", ":", no_file)
    yield hazard("a folder", f"mkdir {file}", "director|folder", quick=True)
    yield hazard("a link to itself", f"ln -s {file} {file}", "symbolic|loop", quick=True)
    yield hazard("a link into nothing", f"ln -s nowhere {file}", no_file)
    denied = hazard(
        "no permission", f"install -m 0 sound-{file} {file}", "ermission denied|not readable"
    )
    yield _without_privileges(denied)
    if not creates:
        # What a shell's `<(…)` gives.
        writer = f"mkfifo {file}; cat sound-{file} > {file} &"
        yield replace(
            hazard("a pipe", ":", ""),
            command=f"{writer} {reader.command}; code=$?; wait; exit $code",
            exits=frozenset({reader.sound}),
            quick=reader.quick,
        )
    yield Hazard(
        "files",
        "an endless device",
        reader.name,
        # A log may be a pipe that never ends; what must be small must say so.
        f"ln -s /dev/zero {file}; timeout -s INT 3 {reader.command.removeprefix('exec ')}",
        exits | {124},
        quick=reader.quick,
    )


def _without_privileges(hazard: Hazard) -> Hazard:
    return replace(
        hazard, command=hazard.command.replace("trigger-cli ", f"{UNPRIVILEGED} trigger-cli ", 1)
    )


def _changing_files() -> Iterator[Hazard]:
    replay = "trigger-cli replay $M/trigger.json large.jsonl -q"
    # 200 MB, which take more than a second to read.
    copy = f"cat {' '.join(['$M/large.jsonl'] * 5)} > large.jsonl"
    for jobs, after in product((1, 2), (0.3, 0.6, 0.9)):
        for name, change, exits in (
            ("vanishes while it is read", "rm large.jsonl", {0, 3}),
            ("is cut short while it is read", ": > large.jsonl", {0, 3}),
            ("is cut amid a line while it is read", "truncate -s 20000001 large.jsonl", {0, 3}),
            ("is replaced while it is read", "cp $M/trigger.json new; mv new large.jsonl", {0, 3}),
            ("is overwritten while it is read", "dd if=/dev/urandom of=large.jsonl bs=1M count=30 conv=notrunc status=none", {0, 3}),
            ("grows while it is read", "head -c 9000000 $M/large.jsonl >> large.jsonl", {0}),
        ):  # fmt: skip
            yield Hazard(
                "files", name, f"log, --jobs {jobs}",
                f"{copy}; (sleep {after}; {change}) & {replay} --jobs {jobs}; code=$?; wait; exit $code",
                frozenset(exits), megabytes=400,
            )  # fmt: skip
    flicker = "(for i in $(seq 150); do {}; done) 2>/dev/null & {}; code=$?; wait; exit $code"
    yield Hazard(
        "files", "come and go while they are found", "definitions, a folder",
        "mkdir d; "
        + flicker.format("cp $M/trigger.json d/$((i % 5)).json; rm -f d/$(((i + 2) % 5)).json", "for n in 1 2 3; do trigger-cli lint d -q > /dev/null || true; done"),
        frozenset({0}),
    )  # fmt: skip
    yield Hazard(
        "files", "comes and goes while it is found", "log",
        flicker.format("cp $SAMPLES/nightly.events.jsonl n.jsonl; rm -f n.jsonl", "for n in 1 2 3; do trigger-cli replay $M/trigger.json 'n*.jsonl' -q || true; done"),
        frozenset({0}),
    )  # fmt: skip
    yield Hazard(
        "files", "is replaced again and again", "watch's log",
        flicker.format("head -n $((i % 50)) $SAMPLES/nightly.events.jsonl > n; mv n n.jsonl; sleep 0.01", "touch n.jsonl; trigger-cli watch $M/trigger.json n.jsonl --duration 2s -q"),
        frozenset({0}),
    )  # fmt: skip
    yield from _watched_files()
    yield Hazard(
        "files", "changes while lint mends it", "definitions, JSON",
        "cp $M/trigger.json t.json; " + flicker.format("sed -i 's/many/xany/;s/xany/many/' t.json", "trigger-cli lint t.json --fix -q > /dev/null; true"),
        frozenset({0}),
    )  # fmt: skip


def _watched_files() -> Iterator[Hazard]:
    # Each change waits until the command has said that it read the last line, which has no end.
    watched = (
        "head -n 60 $SAMPLES/nightly.events.jsonl > l.jsonl; printf '{\"id' >> l.jsonl; "
        "trigger-cli watch $M/trigger.json l.jsonl 2> err > out & pid=$!; "
        "read_to_end() { until [ $(grep -c 'an incomplete line' err) = $1 ]; do sleep 0.1; done; }; "
        "read_to_end 1; "
    )
    ends = "; wait $pid; code=$?; cat err >&2; exit $code"
    for name, change, exit_, says in (
        ("its last line has no end", "kill $pid", 143, "an incomplete line; waiting for the rest.*60 events"),
        (
            "is cut short and grows again while it is watched",
            ": > l.jsonl; head -n 70 $SAMPLES/nightly.events.jsonl >> l.jsonl; printf '{\"id' >> l.jsonl; read_to_end 2; kill $pid",
            143, "was cut short.*read from its beginning.*130 events",
        ),
        ("vanishes while it is watched", "rm l.jsonl; sleep 0.5; kill $pid", 143, "60 events"),
        ("is replaced by a folder while it is watched", "rm l.jsonl; mkdir l.jsonl", 3, "a folder has taken its name"),
    ):  # fmt: skip
        yield Hazard(
            "files", name, "watch's log", f"{watched}{change}{ends}", frozenset({exit_}), says,
            quick=True,
        )  # fmt: skip


def _folders() -> Iterator[Hazard]:
    # Two links to its own folder: each level doubles the paths that lead to the same file.
    loop = "mkdir loop; ln -s . loop/a; ln -s . loop/b; ln -s .. loop/c; cp $M/trigger.json loop/t.json; cp $M/test.trigger-test.yaml loop/; cp $SAMPLES/nightly.events.jsonl loop/n.jsonl; "
    for meets, command, exits in (
        ("definitions, a folder", "trigger-cli lint loop", {0, 1}),
        ("definitions, a glob", "trigger-cli lint 'loop/**/*.json'", {0, 1}),
        ("logs, a glob", "trigger-cli replay $M/trigger.json --log 'loop/**/*.jsonl' -q", {0}),
        ("test files, a folder", "trigger-cli test loop", {0, 2}),
        ("test files, a glob", "trigger-cli test 'loop/**/*.trigger-test.yaml'", {0}),
    ):
        yield Hazard(
            "files", "links in circles", meets, loop + command, frozenset(exits), seconds=20, quick=True,
        )  # fmt: skip
    odd = r"mkdir d; cp $M/trigger.json d/$'\xff\xfe.json'; cp $M/trigger.json d/$'a\nb\x1b[31m.json'; "
    for meets, command in (
        ("definitions", "trigger-cli lint d"),
        ("definitions, SARIF", "trigger-cli lint d --format sarif"),
        ("definitions, JSON", "trigger-cli replay d $SAMPLES/nightly.events.jsonl --format json"),
        ("definitions, tables", "trigger-cli replay d $SAMPLES/nightly.events.jsonl"),
        ("log", r"cp $SAMPLES/nightly.events.jsonl $'\xff\x1b[2J'; trigger-cli replay $M/trigger.json $'\xff\x1b[2J'"),
        ("log, JSON", r"cp $SAMPLES/nightly.events.jsonl $'\xff\x1b[2J'; trigger-cli events $'\xff\x1b[2J' --format json"),
    ):  # fmt: skip
        yield Hazard(
            "files", "names that are no text", meets, odd + command, frozenset({0, 1}),
        )  # fmt: skip
    named = (
        r"""export n=$'\e]0;owned\a\u009b2J\u202e'; cp $M/trigger.json "$n.json"; """
        'cp $SAMPLES/nightly.events.jsonl "$n.jsonl"; '
    )
    obeyed = r"! grep -q -e $'\e]0;' -e $'\u009b' -e $'\u202e' typed && exit $code"
    for meets, command, exit_ in (
        ("lint --write-baseline", 'lint "$n.json" --baseline "$n" --write-baseline', 0),
        ("test", 'test "$n.json"', 2),
        ("replay", 'replay "$n.json" "$n.jsonl"', 0),
        ("an error", 'replay "$n.json" "$n.jsonl" -o "$n.jsonl"', 2),
        ("demo", 'demo "$n"', 0),
        ("fetch", f'fetch --api-url {NOBODY} --patience 0 -o "$n"', 3),
    ):
        yield Hazard(
            "files", "names with commands for a terminal", f"{meets}, on a terminal",
            f"{named}script -qec 'trigger-cli {command}' typed < /dev/null > /dev/null; code=$?; {obeyed}",
            frozenset({exit_}), quick=True,
        )  # fmt: skip
    yield Hazard(
        "files", "a name of 5,000 characters", "definitions, logs",
        "n=$(printf 'x%.0s' $(seq 5000)); trigger-cli replay $n ${n}y", frozenset({2}), "too long",
    )  # fmt: skip
    yield Hazard(
        "files", "is read-only", "lint --fix",
        "cp $M/trigger.json t.json; sed -i 's/60/null/' t.json; cp t.json as-it-was; cp t.json other.json; chmod 444 t.json; "
        "trigger-cli lint t.json other.json --fix; code=$?; cmp t.json as-it-was && ! cmp -s other.json as-it-was && exit $code",
        frozenset({1}), "t.json is read-only and stays as it is", quick=True,
    )  # fmt: skip
    yield Hazard(
        "files", "more than 2,000 names", "events",
        "for n in $(seq 2500); do echo '{\"id\": \"'$n'\", \"event\": \"e'$n'\", \"occurred\": \"2026-03-01T12:00:00Z\","
        " \"resource\": {\"prefect.resource.id\": \"r\"}}'; done > l.jsonl; trigger-cli events l.jsonl | tee /dev/stderr",
        frozenset({0}), "2,500 events of more than 2,000 names", quick=True,
    )  # fmt: skip
    yield Hazard(
        "files", "no name", "definitions, logs", "trigger-cli replay '' ''", frozenset({2}), "no such file",
    )  # fmt: skip
    yield Hazard(
        "files", "the working folder is gone", "every command",
        "mkdir d; cd d; rmdir ../d; trigger-cli lint . ; trigger-cli replay $M/trigger.json $SAMPLES/nightly.events.jsonl -q > /dev/null",
        frozenset({0}), quick=True,
    )  # fmt: skip
    for meets, command, exits in (
        ("definitions, a folder", "trigger-cli lint deep", {0, 1, 2}),
        ("test files, a folder", "trigger-cli test deep", {1, 2}),
        ("a glob", "trigger-cli lint 'deep/**/*.json'", {0, 1, 2}),
    ):
        yield Hazard(
            "files", "1,000 folders deep", meets, command, frozenset(exits), make=_dig,
        )  # fmt: skip


def _dig(folder: Path) -> None:
    here = folder / "deep"
    for _ in range(1_000):
        here.mkdir()
        here /= "d"
    (here.parent / "t.json").write_text(TRIGGER_JSON.replace("@@", "60"))


def _settings() -> Iterator[Hazard]:
    for name, url, exit_ in (
        ("no address", "", 2),
        ("an address without a host", "http://", 2),
        ("another scheme", "file:///etc/passwd", 2),
        ("a port beyond 65535", "http://127.0.0.1:99999/api", 2),
        ("a broken IPv6 address", "http://[::1", 2),
        ("an address of 100,000 characters", f"http://127.0.0.1:9/{'x' * 100_000}", 3),
        ("control characters", r"$'http://127.0.0.1:9/\x1b[2J\n'", 3),
        ("a host that is no name", "http://a..b/api", 3),
        ("a host with letters of other scripts", "http://☃.invalid/api", 3),
        ("bytes that are no text", r"$'http://127.0.0.1:9/\xff'", 3),
    ):
        value = url if url.startswith("$") else f"'{url}'"
        for command in ("fetch --patience 0", "watch $M/trigger.json --duration 1s --patience 0"):
            yield Hazard(
                "settings", name, f"PREFECT_API_URL, {command.split()[0]}",
                f"PREFECT_API_URL={value} trigger-cli {command}", frozenset({2, 3} if exit_ == 3 else {2}) | (frozenset({0}) if command[0] == "w" else frozenset()),
                quick=name == "a broken IPv6 address",
            )  # fmt: skip
        yield Hazard(
            "settings", name, "PREFECT_API_URL, doctor",
            f"PREFECT_API_URL={value} trigger-cli doctor", frozenset({0, 1, 2}),
        )  # fmt: skip
    for variable, value, *asked in (
        ("PREFECT_API_KEY", r"$'\xff\n\x1b'"),
        ("PREFECT_API_AUTH_STRING", r"$'a:b\r\nX: y'"),
        ("PREFECT_PROFILE", r"$'\xff\n\x1b'"),
        ("PREFECT_PROFILES_PATH", "/dev/zero"),
        ("PREFECT_HOME", "~nobody/../$(printf 'x%.0s' $(seq 5000))"),
        ("COLUMNS", "99999999999999999999"),
        ("COLUMNS", "0"),
        ("LANG", "xx_XX.nothing"),
        ("LC_ALL", "C"),
        ("PYTHONIOENCODING", "ascii"),
        ("TERM", "nothing"),
        ("TMPDIR", "/nowhere"),
        ("HTTP_PROXY", "'not a proxy'", _NAMED, "the proxy from HTTP_PROXY is not a valid http"),
        ("HTTP_PROXY", "http://127.0.0.1:9", _NAMED, "the proxy http://127.0.0.1:9 of HTTP_PROXY"),
        # Refused, or without its package.
        ("ALL_PROXY", "socks5://127.0.0.1:9", _NAMED, "ALL_PROXY"),
        ("SSL_CERT_FILE", "/nowhere", _SECURE, "/nowhere, which SSL_CERT_FILE names"),
        ("PREFECT_API_SSL_CERT_FILE", "/dev/null", _SECURE, "PREFECT_API_SSL_CERT_FILE names"),
        ("TZ", "nowhere"),
    ):
        url, says = asked or (NOBODY, "")
        yield Hazard(
            "settings", f"{variable}={value}"[:40], "fetch",
            f"{variable}={value} trigger-cli fetch --api-url {url} --patience 0", frozenset({2, 3}), says, seconds=20,
        )  # fmt: skip
        yield Hazard(
            "settings", f"{variable}={value}"[:40], "replay",
            f"{variable}={value} trigger-cli replay $SAMPLES/triggers $SAMPLES/nightly.events.jsonl", frozenset({0}), seconds=20,
        )  # fmt: skip

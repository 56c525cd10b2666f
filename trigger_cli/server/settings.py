"""The server's address and credentials: options, environment, Prefect's profiles.

The order is that of Prefect's own client: an option, then ``PREFECT_API_URL``, then the profile.
The profile is ``PREFECT_PROFILE``, or the one that ``profiles.toml`` calls active.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

from trigger_cli.bounded_files import BadFileError, read_toml

_URL, _KEY, _AUTH = "PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING"
_HOW = "give --api-url, set PREFECT_API_URL, or make a profile with `prefect profile create`"

_HIDDEN = "***"
_SHORTEST = 4
"""A secret of three letters is also a part of ordinary words."""


class Secret:
    """Prints as ``***``; only the request's header uses `reveal`."""

    __slots__ = ("_forms", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        # A name and a password hold a colon; the password alone is secret too.
        parts = {text, *text.split(":", 1)}
        forms = {form for part in parts if len(part) >= _SHORTEST for form in _forms_of(part)}
        self._forms = sorted(forms, key=len, reverse=True)

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def hide_in(self, text: str) -> str:
        """`text` without the secret in any form; a server's answer may repeat it."""
        for form in self._forms:
            text = text.replace(form, _HIDDEN)
        return text

    def __repr__(self) -> str:
        return _HIDDEN

    __str__ = __repr__


def _forms_of(text: str) -> Iterator[str]:
    """How a secret may be written: as it is, in JSON, in an address, in a header."""
    data = text.encode()
    yield text
    for is_ascii in (True, False):
        yield json.dumps(text, ensure_ascii=is_ascii)[1:-1]
    yield quote(text, safe="")
    yield quote_plus(text)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(data).decode()
        yield encode(data).decode().rstrip("=")


class SettingsError(Exception):
    """The server's address is not known; `help_text` says what to do."""

    def __init__(self, message: str, help_text: str = _HOW) -> None:
        super().__init__(message)
        self.help_text = help_text


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The address and the credentials of a server."""

    url: str
    """Without a slash at its end, and without a name or password."""
    origin: str
    """Where the address comes from: ``--api-url``, ``PREFECT_API_URL``, ``profile local``."""
    key: Secret | None = None
    """Cloud's API key."""
    auth: Secret | None = None
    """``name:password``, if the server needs it."""

    @property
    def host(self) -> str:
        """The host without its port."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine; requests to it bypass proxies."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    @property
    def is_cloud(self) -> bool:
        """Whether it is Prefect Cloud."""
        return self.host == "api.prefect.cloud"

    @property
    def token(self) -> Secret | None:
        """The secret in the live stream's first message."""
        return self.key or self.auth

    def hide_in(self, text: str) -> str:
        """`text` without any of the secrets."""
        for secret in (self.key, self.auth):
            if secret is not None:
                text = secret.hide_in(text)
        return text


def read_settings(
    environment: Mapping[str, str],
    home: Path,
    *,
    url: str | None = None,
    key: str | None = None,
    profile: str | None = None,
) -> ServerSettings:
    """Find the server's settings; `url`, `key` and `profile` are options of the command line.

    Raises:
        SettingsError: No address is configured, or it is wrong.
    """
    given_directly = {} if profile else environment
    given = url or given_directly.get(_URL)
    chosen = profile or environment.get("PREFECT_PROFILE")
    try:
        name, values = _profile(environment, home, chosen)
    except SettingsError:
        if not given:
            raise
        name, values = "", {}
    if url:
        origin = "--api-url"
    elif given:
        origin = _URL
    else:
        given, origin = values.get(_URL), f"profile {name}"
    if not given:
        where = f"the profile {name!r} has no {_URL}" if name else "no Prefect server is configured"
        raise SettingsError(where)
    # A profile's key is for that profile's server: it must not go to one named elsewhere.
    own = values if values.get(_URL) == given else {}
    plain, password = _checked(given, origin)
    held = key or given_directly.get(_KEY) or own.get(_KEY)
    if held and not (held.strip().isascii() and held.strip().isprintable()):
        raise SettingsError("the API key holds characters that no key has", "copy it once more")
    auth = given_directly.get(_AUTH) or own.get(_AUTH) or password
    return ServerSettings(plain, origin, _secret(held), _secret(auth))


def _secret(text: str | None) -> Secret | None:
    try:
        (text or "").encode()
    except UnicodeEncodeError:
        what = "the name and password of the server are no text"
        raise SettingsError(what, "set them once more") from None
    return Secret(text.strip()) if text and text.strip() else None


def _checked(url: str, origin: str) -> tuple[str, str | None]:
    """The address without a slash at its end, and the ``name:password`` in it."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
        whole = parts.scheme in {"http", "https"} and parts.hostname and _is_sound(url)
    except ValueError:
        whole = None
    if not whole:
        raise SettingsError(
            f"the address from {origin} is no http or https address",
            "write for example http://127.0.0.1:4200/api",
        )
    account, at, host = parts.netloc.rpartition("@")
    plain = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    return plain, account if at else None


def _is_sound(url: str) -> bool:
    """Whether the client can use the address; `ValueError`: its host is not a valid name."""
    from httpx import URL, InvalidURL  # noqa: PLC0415  # 60 ms that other settings need not wait

    try:
        URL(url.strip()).host.encode("idna")
    except InvalidURL:
        return False
    return True


def profiles_path(environment: Mapping[str, str], home: Path) -> Path:
    """Where Prefect keeps its profiles."""
    if path := environment.get("PREFECT_PROFILES_PATH"):
        return _expanded(path, home)
    prefect_home = environment.get("PREFECT_HOME")
    return (_expanded(prefect_home, home) if prefect_home else home / ".prefect") / "profiles.toml"


def _expanded(path: str, home: Path) -> Path:
    return home / path.removeprefix("~").lstrip("/") if path.startswith("~") else Path(path)


def _profile(
    environment: Mapping[str, str], home: Path, chosen: str | None
) -> tuple[str, dict[str, str]]:
    """The profile's name (``""``: there is none) and its settings."""
    path = profiles_path(environment, home)
    try:
        document = read_toml(path)
    except FileNotFoundError:
        if chosen is None:
            return "", {}
        raise SettingsError(f"there is no profile {chosen!r}: {path} does not exist") from None
    except BadFileError as error:
        raise SettingsError(f"{path}: {error}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in its name
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"cannot read {path}: {reason}") from None
    profiles = document.get("profiles")
    profiles = profiles if isinstance(profiles, dict) else {}
    name = chosen or document.get("active")
    if not isinstance(name, str) or not name:
        return "", {}
    found = profiles.get(name)
    if not isinstance(found, dict):
        if chosen is None:
            return "", {}
        names = ", ".join(map(str, profiles)) or "none"
        raise SettingsError(f"there is no profile {name!r} in {path}", f"there are: {names}")
    return name, {key: value for key, value in found.items() if isinstance(value, str)}

"""The server's address and credentials: options, environment, Prefect's profiles.

The order is that of Prefect's own client: an option, then ``PREFECT_API_URL``, then the profile.
The profile is ``PREFECT_PROFILE``, or the active one of ``profiles.toml``.
"""

import os
import ssl
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib import request
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.bounded_files import BadFileError, read_toml
from trigger_cli.same_file import identity_of, require_no_output
from trigger_cli.server.secret import Secret

_URL, _KEY, _AUTH = "PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING"
_BUILT_IN = {"ephemeral": {}, "local": {_URL: "http://127.0.0.1:4200/api"}, "test": {}, "cloud": {}}
"""Prefect's own profiles, which need not be in the file."""
_HOW = "give --api-url, set PREFECT_API_URL, or make a profile with `prefect profile create`"

CA_FILE = "PREFECT_API_SSL_CERT_FILE"
"""The variable with the path of trusted certificates."""
_CA_FILES, _CA_FOLDER = (CA_FILE, "SSL_CERT_FILE"), "SSL_CERT_DIR"
_INSECURE = "PREFECT_API_TLS_INSECURE_SKIP_VERIFY"
_YES = frozenset({"1", "true", "t", "yes", "y", "on"})
_HTTP = frozenset({"http", "https"})
_SOCKS = frozenset({"socks5", "socks5h"})


class SettingsError(Exception):
    """The server's address is not known; `help_text` is advice."""

    def __init__(self, message: str, help_text: str = _HOW) -> None:
        super().__init__(message)
        self.help_text = help_text


class Proxy(Struct, frozen=True):
    """The proxy between this machine and the server."""

    url: Secret
    """The proxy's address, which may contain a name and a password."""
    origin: str
    """The variable that sets the proxy."""

    @property
    def address(self) -> str:
        """The address without name and password."""
        parts = urlsplit(self.url.reveal())
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def account(self) -> Secret | None:
        """The name and password in the address."""
        name, at, _ = urlsplit(self.url.reveal()).netloc.rpartition("@")
        return Secret(unquote(name)) if at else None

    @property
    def is_socks(self) -> bool:
        """Whether it is a SOCKS proxy, for which the libraries need more packages."""
        return urlsplit(self.url.reveal()).scheme in _SOCKS


class ServerSettings(Struct, frozen=True):
    """The address and the credentials of a server."""

    url: str
    """Without a slash at its end, and without a name or password."""
    origin: str
    """The origin of the address: ``--api-url``, ``PREFECT_API_URL``, ``profile local``."""
    key: Secret | None = None
    """The API key of Cloud."""
    auth: Secret | None = None
    """``name:password``, if the server needs it."""
    proxy: Proxy | None = None
    tls: ssl.SSLContext | None = None
    """The trusted certificates; ``None``: those of the HTTP library."""

    @property
    def host(self) -> str:
        """The host without its port."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether the server is this machine; requests to it bypass proxies."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    @property
    def is_cloud(self) -> bool:
        """Whether the server is Prefect Cloud."""
        return self.host == "api.prefect.cloud"

    @property
    def token(self) -> Secret | None:
        """The secret in the live stream's first message."""
        return self.key or self.auth

    def hide_in(self, text: str) -> str:
        """`text` without any of the secrets."""
        for secret in (self.key, self.auth, self.proxy.account if self.proxy else None):
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
        SettingsError: No address is configured, or the address, the proxy or the certificates are
            wrong.
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
        lacking = f"the profile {name!r} has no {_URL}"
        nothing = "no Prefect server is configured"
        raise SettingsError(
            lacking if chosen else f"{nothing}: {lacking}, and is active" if name else nothing
        )
    # A profile's key belongs to that profile's server: it must not be sent to another one.
    own = values if values.get(_URL) == given else {}
    plain, password = _checked(given, origin)
    held = key or given_directly.get(_KEY) or own.get(_KEY)
    if held and not (held.strip().isascii() and held.strip().isprintable()):
        raise SettingsError("the API key holds characters that no key has", "copy it once more")
    auth = given_directly.get(_AUTH) or own.get(_AUTH) or password
    bare = ServerSettings(plain, origin, _secret(held), _secret(auth))
    everywhere = {one: environment.get(one, "") for one in (*_CA_FILES[1:], _CA_FOLDER)}
    trust = {**everywhere, **own, **given_directly}
    return replace(bare, proxy=_proxy(bare, environment), tls=_tls(bare, trust))


def _secret(text: str | None) -> Secret | None:
    try:
        (text or "").encode()
    except UnicodeEncodeError:
        what = "the name and password of the server are not valid text"
        raise SettingsError(what, "set them once more") from None
    return Secret(text.strip()) if text and text.strip() else None


def _checked(url: str, origin: str) -> tuple[str, str | None]:
    """The address without a slash at its end, and the ``name:password`` in it."""
    if not _is_address(url.strip(), _HTTP):
        raise SettingsError(
            f"the address from {origin} is not a valid http or https address",
            "write for example http://127.0.0.1:4200/api",
        )
    parts = urlsplit(url.strip())
    account, at, host = parts.netloc.rpartition("@")
    plain = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    if not at:
        return plain, None
    try:
        return plain, unquote(account, errors="strict")
    except UnicodeDecodeError:
        what = f"the name and password in the address from {origin} are not valid text"
        raise SettingsError(what, "write them percent-encoded, in UTF-8") from None


def _is_address(url: str, schemes: frozenset[str]) -> bool:
    """Whether the client can use the address."""
    from httpx import URL, InvalidURL  # noqa: PLC0415  # 60 ms that other settings need not wait

    try:
        parts = urlsplit(url)
        _ = parts.port
        URL(url).host.encode("idna")
    except (ValueError, InvalidURL):  # ValueError: the host is not a valid name
        return False
    host = parts.hostname or " "
    return parts.scheme in schemes and not any(map(str.isspace, host))


# --- Proxy and certificates ----------------------------------------------------------------------


def _proxy(settings: ServerSettings, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy for the server, from the environment or the system; none for this machine."""
    parts = urlsplit(settings.url)
    scheme = parts.scheme
    if settings.is_loopback:
        return None
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    origin = next((one for one in names if environment.get(one, "").strip()), None)
    if origin is not None:
        url = environment[origin].strip()
        excepted = environment.get("no_proxy") or environment.get("NO_PROXY")
        if excepted and _is_excepted(parts, excepted):
            return None
    elif os.name == "nt" or sys.platform == "darwin":
        origin, url = "the system's settings", request.getproxies().get(scheme, "")
        if not url or request.proxy_bypass(settings.host):
            return None
    else:
        return None
    url = url if "://" in url else f"http://{url}"
    help_text = f"correct {origin}, or name the server in NO_PROXY"
    if not _is_address(url, _HTTP | _SOCKS):
        raise SettingsError(
            f"the proxy from {origin} is not a valid http, https or socks5 address", help_text
        )
    proxy = Proxy(Secret(url), origin)
    if proxy.is_socks and find_spec("socksio") is None:
        what = f"{origin} names a SOCKS proxy, for which a package is missing"
        raise SettingsError(what, "pip install 'httpx[socks]', or name the server in NO_PROXY")
    return proxy


def _is_excepted(server: SplitResult, excepted: str) -> bool:
    """Whether ``NO_PROXY`` contains the server: its host, one of its domains, or all servers."""
    hosts = {server.hostname or "", server.netloc.lower()}
    return any(
        one == "*" or any(f".{host}".endswith(f".{one}") for host in hosts)
        for one in (
            part.strip().lower().lstrip("*.") or part.strip() for part in excepted.split(",")
        )
        if one
    )


def _tls(settings: ServerSettings, trust: Mapping[str, str]) -> ssl.SSLContext | None:
    """The certificates to trust, as Prefect's own client finds them."""
    if urlsplit(settings.url).scheme != "https":
        return None
    if trust.get(_INSECURE, "").strip().lower() in _YES:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    name = next((one for one in (*_CA_FILES, _CA_FOLDER) if trust.get(one)), None)
    if name is None:
        return None
    path = trust[name]
    require_no_output(identity_of(path))
    try:
        if name == _CA_FOLDER:
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        raise SettingsError(f"{path}, which {name} names, holds no certificates", _PEM) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"cannot read {path}, which {name} names: {reason}", _PEM) from None


_PEM = "name a file of certificates in PEM"


def profiles_path(environment: Mapping[str, str], home: Path) -> Path:
    """The path of Prefect's profiles."""
    if path := environment.get("PREFECT_PROFILES_PATH"):
        return _expanded(path, home)
    prefect_home = environment.get("PREFECT_HOME")
    return (_expanded(prefect_home, home) if prefect_home else home / ".prefect") / "profiles.toml"


def _expanded(path: str, home: Path) -> Path:
    return home / path.removeprefix("~").lstrip("/") if path.startswith("~") else Path(path)


def profile_names(environment: Mapping[str, str], home: Path) -> list[str]:
    """The names of the profiles there are: Prefect's own, and those of its file.

    Raises:
        SettingsError: The file cannot be read.
    """
    return list(_profiles(profiles_path(environment, home))[0])


def _profiles(path: Path) -> tuple[dict[str, Any], Any]:
    """The profiles by name, and the file's ``active``."""
    try:
        document = read_toml(path)
    except FileNotFoundError:
        return dict(_BUILT_IN), None
    except BadFileError as error:
        raise SettingsError(f"{path}: {error}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"cannot read {path}: {reason}") from None
    own = document.get("profiles")
    return {**_BUILT_IN, **(own if isinstance(own, dict) else {})}, document.get("active")


def _profile(
    environment: Mapping[str, str], home: Path, chosen: str | None
) -> tuple[str, dict[str, str]]:
    """The profile's name (``""``: there is none) and its settings."""
    path = profiles_path(environment, home)
    profiles, active = _profiles(path)
    name = chosen or active
    if name is None or name == "":
        return "", {}
    found = profiles.get(name) if isinstance(name, str) else None
    if not isinstance(found, dict):
        where = "does not exist" if not path.exists() else "does not have it"
        if not chosen:
            where = "calls it active and does not have it"
        raise SettingsError(
            f"there is no profile {name!r}: {path} {where}", f"there are: {', '.join(profiles)}"
        )
    return name, {key: value for key, value in found.items() if isinstance(value, str)}

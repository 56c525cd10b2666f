"""Where the server is: options, environment, profiles."""

import ssl

import pytest

from trigger_cli.server import settings as settings_module
from trigger_cli.server.settings import SettingsError, profiles_path, read_settings

PROFILES = """
active = "work"
[profiles.work]
PREFECT_API_URL = "https://work.test/api/"
PREFECT_API_KEY = "work-key"
[profiles.local]
PREFECT_API_URL = "http://127.0.0.1:4200/api"
[profiles.empty]
"""


@pytest.fixture
def home(tmp_path):
    """A home with three profiles."""
    (tmp_path / ".prefect").mkdir()
    (tmp_path / ".prefect" / "profiles.toml").write_text(PROFILES)
    return tmp_path


def found(home, environment=None, **options):
    settings = read_settings(environment or {}, home, **options)
    key = settings.key.reveal() if settings.key else None
    return settings.url, settings.origin, key


def test_the_active_profile(home):
    """Where nothing else is said."""
    assert ("https://work.test/api", "profile work", "work-key") == found(home)


def test_a_profile_by_its_name(home):
    """`--profile` goes before PREFECT_PROFILE, which goes before the active one."""
    expected = ("http://127.0.0.1:4200/api", "profile local", None)
    assert expected == found(home, {"PREFECT_PROFILE": "local"})
    assert expected == found(home, {"PREFECT_PROFILE": "work"}, profile="local")


def test_the_environment_goes_before_the_profile(home):
    """And the profile's key stays with the profile's server."""
    environment = {"PREFECT_API_URL": "http://other.test/api"}
    assert ("http://other.test/api", "PREFECT_API_URL", None) == found(home, environment)


def test_an_option_goes_before_the_environment(home):
    """The key too."""
    environment = {"PREFECT_API_URL": "http://other.test/api", "PREFECT_API_KEY": "one"}
    assert ("http://third.test/api", "--api-url", "two") == found(
        home, environment, url="http://third.test/api", key="two"
    )


def test_a_named_profile_goes_before_the_environment(home):
    """Who names one means it, key and all."""
    environment = {"PREFECT_API_URL": "http://other.test/api", "PREFECT_API_KEY": "one"}
    assert ("https://work.test/api", "profile work", "work-key") == found(
        home, environment, profile="work"
    )


def test_a_password_in_the_address_is_no_part_of_it(home):
    """It is told to the server and to nobody else."""
    settings = read_settings({}, home, url="http://admin:secret@host.test:4200/api")
    assert ("http://host.test:4200/api", "admin:secret") == (
        settings.url,
        settings.auth and settings.auth.reveal(),
    )


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ".prefect/profiles.toml"),
        ({"PREFECT_HOME": "~/p"}, "p/profiles.toml"),
        ({"PREFECT_PROFILES_PATH": "~/x.toml", "PREFECT_HOME": "~/p"}, "x.toml"),
    ],
)
def test_where_profiles_are(environment, expected, tmp_path):
    """PREFECT_PROFILES_PATH, PREFECT_HOME, ~/.prefect."""
    assert tmp_path / expected == profiles_path(environment, tmp_path)


@pytest.mark.parametrize(
    ("environment", "options", "message"),
    [
        (
            {"PREFECT_PROFILE": "none"},
            {},
            "there is no profile 'none': .*profiles.toml does not have it",
        ),
        ({}, {"profile": "empty"}, "the profile 'empty' has no PREFECT_API_URL"),
        ({}, {"url": "ftp://host/api"}, "not a valid http or https address"),
        ({}, {"url": "http://[::1/api"}, "not a valid http or https address"),
        ({"PREFECT_HOME": "/nowhere"}, {}, "no Prefect server is configured"),
        ({"PREFECT_HOME": "/nowhere"}, {"profile": "work"}, "does not exist"),
    ],
)
def test_what_cannot_be_told(environment, options, message, home):
    """In a sentence."""
    with pytest.raises(SettingsError, match=message.replace("?", r"\?")):
        read_settings(environment, home, **options)


@pytest.mark.parametrize("active", ["'prod'", "7", "['work']"])
def test_an_active_profile_that_there_is_not(active, home):
    """It is no server left unconfigured: the message has the profile, the file, and those there are."""
    path = home / ".prefect" / "profiles.toml"
    path.write_text(PROFILES.replace('"work"', active, 1))
    name = active.replace("'", "") if active == "'prod'" else active
    with pytest.raises(SettingsError) as caught:
        read_settings({}, home)
    assert f"{path} calls it active and does not have it" in str(caught.value)
    assert name in str(caught.value)
    assert "there are: ephemeral, local, test, cloud, work, empty" == caught.value.help_text
    assert ("http://a.test", "--api-url", None) == found(home, url="http://a.test")


def test_profiles_that_prefect_has_by_itself(home):
    """They need not be in the file; one without an address leaves the server unconfigured."""
    path = home / ".prefect" / "profiles.toml"
    path.write_text('active = "local"')
    expected = ("http://127.0.0.1:4200/api", "profile local", None)
    assert expected == found(home)
    path.write_text('active = "ephemeral"')
    with pytest.raises(SettingsError, match="no Prefect server is configured: the profile"):
        read_settings({}, home)
    path.unlink()
    assert expected == found(home, {"PREFECT_PROFILE": "local"})


@pytest.mark.parametrize("content", [b"active = [", b"\xff", b"profiles = 3\nactive = 'x'"])
def test_a_broken_profiles_file(content, home):
    """It is an error, unless nothing of it is needed."""
    (home / ".prefect" / "profiles.toml").write_bytes(content)
    with pytest.raises(SettingsError):
        read_settings({}, home)
    assert "http://a.test" == read_settings({}, home, url="http://a.test/").url


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b/api",
        "http://\N{SNOWMAN}.test/api",
        "http://h/\udcff",
        "http://h/a\x1b[2J",
        f"http://h/{'x' * 100_000}",
    ],
)
def test_addresses_that_the_client_would_refuse(url, tmp_path):
    """They are refused here, in words."""
    with pytest.raises(SettingsError, match="is not a valid http or https address"):
        read_settings({"PREFECT_API_URL": url}, tmp_path)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("PREFECT_API_KEY", "pnu\n\x1b", "holds characters that no key has"),
        ("PREFECT_API_KEY", "pnu\udcff", "holds characters that no key has"),
        ("PREFECT_API_AUTH_STRING", "a:\udcff", "are not valid text"),
    ],
)
def test_secrets_that_cannot_be_sent(variable, value, message, tmp_path):
    """What is wrong with them is told without showing them."""
    environment = {"PREFECT_API_URL": "http://h/api", variable: f"x{value}x"}
    with pytest.raises(SettingsError, match=message) as caught:
        read_settings(environment, tmp_path)
    assert value not in str(caught.value)


@pytest.mark.parametrize("value", ["[" * 10_000, "9" * 10_000])
def test_profiles_that_are_too_much(value, home):
    """A nest or a number that no TOML reader takes is a mistake like any other."""
    (home / ".prefect" / "profiles.toml").write_text(f"a = {value}")
    with pytest.raises(SettingsError, match="not TOML"):
        found(home)


# --- The way to the server -----------------------------------------------------------------------

HTTPS = {"PREFECT_API_URL": "https://a.test/api"}


@pytest.mark.parametrize("account", ["me:p%40ss%2f", "me:p@ss/"])
def test_a_password_in_the_address_is_decoded(home, account):
    """As every client does, before it is sent."""
    settings = read_settings(
        {"PREFECT_API_URL": f"https://{account.replace('/', '%2F')}@a.test"}, home
    )
    assert ("https://a.test", "me:p@ss/") == (settings.url, settings.auth.reveal())


def test_a_password_that_is_no_text(home):
    """Told with the place, and not shown."""
    with pytest.raises(SettingsError, match="in the address from --api-url are not valid text"):
        read_settings({}, home, url="http://me:%ff@a.test")


@pytest.mark.parametrize(
    ("environment", "address", "origin"),
    [
        ({"HTTPS_PROXY": "proxy.test:3128"}, "http://proxy.test:3128", "HTTPS_PROXY"),
        ({"https_proxy": "http://me:secret@p.test"}, "http://p.test", "https_proxy"),
        ({"ALL_PROXY": "http://p.test", "NO_PROXY": "b.test"}, "http://p.test", "ALL_PROXY"),
    ],
)
def test_a_proxy(home, environment, address, origin):
    """By the variable of the scheme, then by that of all; its password does not show."""
    settings = read_settings({**HTTPS, **environment}, home)
    assert (address, origin) == (settings.proxy.address, settings.proxy.origin)
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("excepted", ["a.test", ".test", "test", "*", "b, A.test", "*.test"])
def test_no_proxy(home, excepted):
    """The host itself, its domain, or all."""
    environment = {**HTTPS, "HTTPS_PROXY": "http://p.test", "NO_PROXY": excepted}
    assert read_settings(environment, home).proxy is None


def test_this_machine_is_not_reached_through_a_proxy(home):
    """Which could not reach it."""
    environment = {"PREFECT_API_URL": "http://127.0.0.1:4200/api", "ALL_PROXY": "http://p.test"}
    assert read_settings(environment, home).proxy is None


@pytest.mark.parametrize(
    "address", ["ftp://p.test", "http://[", "http://", "socks4://p.test", "not a proxy"]
)
def test_a_proxy_that_is_none(home, address):
    """The variable is named."""
    with pytest.raises(
        SettingsError, match="the proxy from HTTPS_PROXY is not a valid http, https or socks5"
    ):
        read_settings({**HTTPS, "HTTPS_PROXY": address}, home)


def test_a_socks_proxy_without_its_package(home, monkeypatch):
    """The variable and the extra are named."""
    monkeypatch.setattr(settings_module, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match="ALL_PROXY names a SOCKS proxy") as caught:
        read_settings({**HTTPS, "ALL_PROXY": "socks5://p.test:1080"}, home)
    assert "pip install 'httpx[socks]'" in caught.value.help_text


@pytest.mark.parametrize("name", ["PREFECT_API_SSL_CERT_FILE", "SSL_CERT_FILE"])
def test_a_file_of_certificates_that_is_none(home, name):
    """The variable and the file are named, also for a server on this machine."""
    environment = {"PREFECT_API_URL": "https://127.0.0.1/api", name: str(home / "none.pem")}
    with pytest.raises(SettingsError, match=f"none.pem, which {name} names: No such file"):
        read_settings(environment, home)
    (home / "none.pem").write_text("nothing")
    with pytest.raises(SettingsError, match="holds no certificates"):
        read_settings(environment, home)


def test_certificates_need_not_be_checked(home):
    """By the variable, or by the setting of the server's own profile."""
    name = "PREFECT_API_TLS_INSECURE_SKIP_VERIFY"
    assert ssl.CERT_NONE == read_settings({**HTTPS, name: "true"}, home).tls.verify_mode
    assert read_settings({**HTTPS, name: "false"}, home).tls is None
    (home / ".prefect" / "profiles.toml").write_text(
        PROFILES.replace("[profiles.local]", f'{name} = "1"\n[profiles.local]')
    )
    assert ssl.CERT_NONE == read_settings({}, home).tls.verify_mode
    assert read_settings(HTTPS, home).tls is None

"""Access tokens: asked for, kept, renewed, replaced, refused; and a mailbox and a sending server that take them."""

import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from intake.mailbox import LoginRefusedError, Mailbox
from intake.oauth import Secrets, TokenError, TokenSource
from intake.settings import OAuthSettings
from routing.config import loader, secrets
from routing.config.checks import semantics
from routing.config.problems import ConfigurationError
from routing.model.settings import Settings, SmtpSettings
from routing.smtp import RefusedError, Smtp
from tests import ROOT
from tests.servers import certificates, processes
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.servers.tokens import CLIENT, SECRET, TokenServer
from tests.support.mailboxes import MAIL, settings

SHIPPED = ROOT / "config.toml"


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with TokenServer() as running:
        yield running


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def tokens(
    server: TokenServer,
    tmp_path: Path,
    *,
    secret: str | None = SECRET,
    refresh: Callable[[], str | None] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
    **changes: object,
) -> TokenSource:
    given = OAuthSettings.model_validate(
        {"token_url": server.token_url, "client_id": CLIENT, "scope": "imap/.default", "timeout_seconds": 60} | changes
    )
    return TokenSource(
        given, "Postfach „kod“", lambda: Secrets(secret, refresh()), kept=tmp_path / "state" / "t", clock=clock
    )


def refusal(source: TokenSource) -> TokenError:
    with pytest.raises(TokenError) as caught:
        source.access()
    assert SECRET not in str(caught.value) + caught.value.german
    assert "Postfach „kod“" in caught.value.german
    assert (str(caught.value) + caught.value.german).isprintable()
    return caught.value


def test_the_application_gets_a_token_for_its_secret(server: TokenServer, tmp_path: Path) -> None:
    assert tokens(server, tmp_path).access() in server.valid
    expected = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
    assert [expected | {"scope": "imap/.default"}] == server.requests


def test_a_token_is_used_until_shortly_before_it_ends(server: TokenServer, tmp_path: Path) -> None:
    clock = Watch()
    source = tokens(server, tmp_path, clock=clock)
    first = source.access()
    clock.now += 3290
    assert first == source.access()
    clock.now += 11
    assert first != source.access()
    assert 2 == len(server.requests)


@pytest.mark.parametrize("lasts", [None, "3600", "soon", [], -1, 10**400, 0.5])
def test_a_senseless_lifetime_is_no_reason_to_fail(server: TokenServer, tmp_path: Path, lasts: object) -> None:
    server.behaviour.expires_in = lasts
    assert tokens(server, tmp_path).access()


def test_a_token_that_the_mail_server_refuses_is_forgotten(server: TokenServer, tmp_path: Path) -> None:
    source = tokens(server, tmp_path)
    first = source.access()
    assert not source.refused()  # it had just been issued: another would fare no better
    second = source.access()
    assert first != second
    assert second == source.access()
    assert source.refused()


def test_a_refresh_token_gets_access_tokens_without_a_secret(server: TokenServer, tmp_path: Path) -> None:
    server.behaviour.refresh_tokens = {"given"}
    source = tokens(server, tmp_path, secret=None, refresh=lambda: "given", grant="refresh_token")
    assert source.access() in server.valid
    assert "given" == server.requests[0]["refresh_token"]
    assert "client_secret" not in server.requests[0]


def test_a_replaced_refresh_token_is_kept_over_a_restart_where_only_we_read_it(
    server: TokenServer, tmp_path: Path
) -> None:
    server.behaviour.refresh_tokens, server.behaviour.rotate = {"given"}, True
    for _ in range(3):  # three processes one after the other
        tokens(server, tmp_path, refresh=lambda: "given", grant="refresh_token").access()
    assert ["given", "refresh-1", "refresh-2"] == [form["refresh_token"] for form in server.requests]
    assert 0o600 == (tmp_path / "state" / "t").stat().st_mode & 0o777


def test_a_refresh_token_that_a_person_stored_anew_is_obeyed(server: TokenServer, tmp_path: Path) -> None:
    server.behaviour.refresh_tokens, server.behaviour.rotate = {"given"}, True
    tokens(server, tmp_path, refresh=lambda: "given", grant="refresh_token").access()
    server.behaviour.refresh_tokens = {"second"}
    tokens(server, tmp_path, refresh=lambda: "second", grant="refresh_token").access()
    assert ["given", "second"] == [form["refresh_token"] for form in server.requests]


def test_when_the_kept_refresh_token_has_died_the_given_one_is_tried(server: TokenServer, tmp_path: Path) -> None:
    server.behaviour.refresh_tokens, server.behaviour.rotate = {"given"}, True
    tokens(server, tmp_path, refresh=lambda: "given", grant="refresh_token").access()
    server.behaviour.refresh_tokens = {"given"}
    assert tokens(server, tmp_path, refresh=lambda: "given", grant="refresh_token").access()


def test_a_state_folder_that_cannot_be_written_does_not_stop_the_login(server: TokenServer, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("eine Datei, kein Ordner")
    server.behaviour.refresh_tokens, server.behaviour.rotate = {"given"}, True
    assert tokens(server, tmp_path, refresh=lambda: "given", grant="refresh_token").access()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret": "falsch"}, "falsch oder abgelaufen"),
        ({"client_id": "andere"}, "falsch oder abgelaufen"),
        ({"grant": "refresh_token", "refresh": lambda: "alt"}, "Refresh-Token gilt nicht mehr"),
    ],
    ids=["secret", "application", "refresh token"],
)
def test_a_refusal_asks_for_a_person_and_says_what_to_do(
    server: TokenServer, tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    error = refusal(tokens(server, tmp_path, **changes))  # type: ignore[arg-type]  # a table of keyword arguments
    assert error.person_must_act
    assert words in error.german


@pytest.mark.parametrize(
    "answer",
    [
        (503, b"<html>busy</html>"),
        (429, b"{}"),
        (400, b'{"error": "temporarily_unavailable"}'),
        (200, b"no json"),
        (200, b"[]"),
        (200, b'{"access_token": "two words\\r\\nA1 NOOP"}'),
        (200, b"[" * 100_000),
        (200, b" " * 300_000),
    ],
    ids=["503", "429", "unavailable", "no json", "a list", "hostile", "deep", "long"],
)
def test_a_provider_in_trouble_is_a_passing_failure(
    server: TokenServer, tmp_path: Path, answer: tuple[int, bytes]
) -> None:
    server.behaviour.answers = [answer]
    source = tokens(server, tmp_path)
    assert not refusal(source).person_must_act
    assert source.access()


def test_an_error_text_cannot_forge_a_log_line(server: TokenServer, tmp_path: Path) -> None:
    server.behaviour.answers = [(400, b'{"error": "x\\n\\u001b[31m", "error_description": "a\\r\\nb\\u2028c"}')]
    refusal(tokens(server, tmp_path))


def test_a_secret_never_follows_a_redirect(server: TokenServer, tmp_path: Path) -> None:
    with TokenServer() as other:
        server.behaviour.answers = [(302, b""), (307, b"")]
        server.behaviour.location = other.token_url
        source = tokens(server, tmp_path)
        assert refusal(source).person_must_act
        refusal(source)
        assert [] == other.requests


def test_a_provider_that_drips_or_is_silent_is_given_up_in_time(server: TokenServer, tmp_path: Path) -> None:
    server.behaviour.drip = 0.05
    assert not refusal(tokens(server, tmp_path, timeout_seconds=0.2)).person_must_act


def test_a_provider_that_is_not_there_is_a_passing_failure(server: TokenServer, tmp_path: Path) -> None:
    source = tokens(server, tmp_path, token_url=f"http://localhost:{processes.free_port()}/token")
    assert not refusal(source).person_must_act


def test_a_secret_goes_out_encrypted_to_whom_we_trust(tmp_path: Path) -> None:
    made = certificates.issue(tmp_path)
    with TokenServer(made) as server:
        assert tokens(server, tmp_path, ca_file=made.ca).access()
        error = refusal(tokens(server, tmp_path))
        assert error.person_must_act
        assert "nicht vertrauenswürdig" in error.german
        assert 1 == len(server.requests)
        assert refusal(tokens(server, tmp_path, token_url="http://login.example.invalid/token")).person_must_act


# In config.toml


@functools.cache
def shipped_settings() -> Settings:
    return loader.load(SHIPPED).settings


def told(**changes: Any) -> list[tuple[str, str]]:
    """What is wrong with a login by token: key and sentence."""
    shipped = shipped_settings()
    oauth = {"token_url": "https://login.example.org/token", "client_id": "x"} | changes.pop("oauth", {})
    login = shipped.mailboxes["kod"].model_copy(update={"oauth": OAuthSettings.model_validate(oauth)} | changes)
    faults = semantics.faults(shipped.model_copy(update={"mailboxes": {"kod": login}}))
    return [(".".join(map(str, fault.path)), fault.what) for fault in faults]


def test_a_sound_table_is_fine_and_a_wrong_one_is_explained() -> None:
    assert [] == told()
    assert [] == told(oauth={"token_url": "http://127.0.0.1:8080/token"})
    for url in ("http://login.example.org/token", "ftp://x", "login.example.org", "https://[::1", ""):
        [(path, what)] = told(oauth={"token_url": url})
        assert "mailboxes.kod.oauth.token_url" == path
        assert "keine sichere Adresse" in what
    assert ["mailboxes.kod.user"] == [path for path, _ in told(user="")]
    assert ["mailboxes.kod.password_env"] == [path for path, _ in told(password_env="X")]
    both = {"client_secret_file": "/a", "client_secret_env": "B"}
    assert ["mailboxes.kod.oauth.client_secret_env"] == [path for path, _ in told(oauth=both)]


def test_secrets_come_three_ways_and_a_missing_one_names_them(tmp_path: Path) -> None:
    def settings_of(**changes: Any) -> OAuthSettings:
        return OAuthSettings.model_validate({"token_url": "https://x.org", "client_id": "x"} | changes)

    (tmp_path / "mailboxes.kod.client_secret").write_text(SECRET)
    (tmp_path / "mailboxes.kod.client_secret").chmod(0o400)
    by_systemd = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert SECRET == secrets.client_secret(settings_of(), "mailboxes.kod", environ=by_systemd)
    assert "s" == secrets.client_secret(settings_of(client_secret_env="S"), "mailboxes.kod", environ={"S": "s"})
    with pytest.raises(ConfigurationError) as caught:
        secrets.client_secret(settings_of(), "mailboxes.kod", environ={})
    for way in ("client_secret_file", "client_secret_env", "LoadCredential=mailboxes.kod.client_secret:"):
        assert way in str(caught.value)
    public = settings_of(grant="refresh_token")
    assert None is secrets.client_secret(public, "mailboxes.kod", environ={})
    with pytest.raises(ConfigurationError, match="kein Refresh-Token"):
        secrets.refresh_token(public, "mailboxes.kod", environ={})
    assert "Secrets(…)" == repr(Secrets(SECRET, "r"))


# A mailbox


@pytest.fixture(scope="module")
def provider() -> Iterator[TokenServer]:
    with TokenServer() as running:
        yield running


@pytest.fixture(scope="module")
def taker(provider: TokenServer) -> Iterator[Dovecot]:
    """A Dovecot that takes the provider's tokens."""
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, introspection=provider.introspection) as running,
    ):
        yield running


def test_a_mailbox_is_opened_with_a_token(taker: Dovecot, provider: TokenServer, tmp_path: Path) -> None:
    user = provider.behaviour.user = taker.new_user()
    taker.deliver(user, MAIL)
    source = tokens(provider, tmp_path)
    for _ in range(2):
        with Mailbox("kod", settings(taker, user), source) as box:
            assert [1] == box.uids(0)
    assert 1 == len(provider.requests)


def test_without_xoauth2_the_standard_mechanism_is_used(provider: TokenServer, tmp_path: Path) -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(
            folder,
            introspection=provider.introspection,
            settings="auth_mechanisms = plain oauthbearer\n",
        ) as server,
    ):
        provider.behaviour.user = "anna"
        with Mailbox("kod", settings(server, "anna"), tokens(provider, tmp_path)) as box:
            assert [] == box.uids(0)


def test_a_token_that_was_revoked_is_replaced_at_once(taker: Dovecot, provider: TokenServer, tmp_path: Path) -> None:
    user = provider.behaviour.user = taker.new_user()
    source = tokens(provider, tmp_path)
    source.access()
    provider.valid.clear()
    with Mailbox("kod", settings(taker, user), source) as box:
        assert [] == box.uids(0)


def test_a_token_for_somebody_elses_mailbox_asks_for_a_person(
    taker: Dovecot, provider: TokenServer, tmp_path: Path
) -> None:
    provider.behaviour.user = "jemand"
    before = len(provider.requests)
    with pytest.raises(LoginRefusedError) as caught:
        Mailbox("kod", settings(taker, taker.new_user()), tokens(provider, tmp_path)).connect()
    assert caught.value.person_must_act
    assert "client_id" in caught.value.german
    assert "access-" not in str(caught.value)
    assert 1 == len(provider.requests) - before


def test_a_server_that_takes_no_tokens_is_told(dovecot: Dovecot, server: TokenServer, tmp_path: Path) -> None:
    with pytest.raises(LoginRefusedError) as caught:
        Mailbox("kod", settings(dovecot, "anna"), tokens(server, tmp_path)).connect()
    assert "keine Anmeldung mit Token" in caught.value.german


# The sending server


def smtp_settings(sink: SmtpSink) -> SmtpSettings:
    return SmtpSettings.model_validate(
        {"host": "localhost", "port": sink.port, "security": "none", "user": "kod@x.invalid", "from": "kod@x.invalid"}
    )


def test_letters_are_sent_with_a_token(server: TokenServer, tmp_path: Path) -> None:
    with SmtpSink(accepted_tokens=server.valid) as sink, Smtp(smtp_settings(sink), tokens(server, tmp_path)) as out:
        assert "sent" == out.send(MAIL, sender="kod@x.invalid", to=["a@b.invalid"])["a@b.invalid"].state
        server.valid.clear()
        out.close()
        assert "sent" == out.send(MAIL, sender="kod@x.invalid", to=["a@b.invalid"])["a@b.invalid"].state


def test_a_refused_token_is_told_and_a_server_without_xoauth2_too(server: TokenServer, tmp_path: Path) -> None:
    with SmtpSink(accepted_tokens=set()) as sink, pytest.raises(RefusedError, match="Anmeldung mit Token wurde"):
        Smtp(smtp_settings(sink), tokens(server, tmp_path)).connect()
    with SmtpSink() as sink, pytest.raises(RefusedError, match="XOAUTH2"):
        Smtp(smtp_settings(sink), tokens(server, tmp_path)).connect()

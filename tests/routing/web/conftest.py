"""The pages on a real server, over an office whose mails a test puts into the store."""

import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from intake import storage
from routing.store import accounts
from routing.web import application, server, signing_in
from tests.servers.smtp import SmtpSink
from tests.support import office
from tests.support.office import Office

PASSWORD = "ein kurzer Satz zum Merken"
HASHED = signing_in.hashed(PASSWORD)


class Browser:
    """Speaks HTTP as a browser does: keeps the cookie, sends forms from our own pages with their token."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""
        self.token = ""
        self.content = b""  # of the last answer

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
        """(status, headers, text) of one request."""
        sent = {"Host": f"127.0.0.1:{self.port}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = f"intake_session={self.cookie}"
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body.encode() if body else None, sent)
            response = connection.getresponse()
            self.content = response.read()
            text = self.content.decode("utf-8", "replace")
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookie = re.match(r'intake_session="?([^";]*)', line)[1]  # type: ignore[index]
        if found := re.search(r'name="token" value="([^"]+)"', text):
            self.token = found[1]
        return response.status, response.headers, text

    def get(self, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
        """Open a page."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, **fields: str) -> tuple[int, http.client.HTTPMessage, str]:
        """Send a form of the page that was opened last."""
        body = urlencode({"token": self.token} | fields)
        kind = "application/x-www-form-urlencoded"
        return self.ask("POST", path, body, Content_Type=kind, Sec_Fetch_Site="same-origin")

    def sign_in(self, name: str = "petra", password: str = PASSWORD) -> tuple[int, http.client.HTTPMessage, str]:
        """Through the form."""
        self.get("/anmelden")
        answer = self.post("/anmelden", name=name, password=password)
        self.get("/")
        return answer


class House:
    """An office with its pages open on a port."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.port = office.work.settings.web.address[1]

    def browser(self, account: str = "") -> Browser:
        """A new browser; signed in with ``account``."""
        browser = Browser(self.port)
        if account:
            browser.sign_in(account)
        return browser

    def account(self, name: str, *roles: str, password: str = HASHED, is_new: bool = False) -> None:
        """Somebody who may sign in."""
        with storage.writing(self.office.work.engine) as connection:
            accounts.add(connection, name, name.capitalize(), roles, password, self.office.clock())
            accounts.change(connection, name, is_new=is_new)

    def end_account(self, name: str) -> None:
        """Somebody may sign in no more."""
        with storage.writing(self.office.work.engine) as connection:
            accounts.change(connection, name, ended_at=self.office.clock())

    def break_database(self) -> None:
        """Its file is overwritten from its first byte on."""
        path = storage.path_of(self.office.work.engine.url)
        assert path is not None
        with path.open("r+b") as file:
            file.write(b"no database any more" * 1000)
        path.with_name(path.name + "-wal").unlink()
        self.office.work.engine.dispose()


def web_settings(**more: str) -> str:
    """[web] for config.toml, on a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lines = "".join(f"{key} = {value}\n" for key, value in more.items())
    return f'[web]\nlisten = "127.0.0.1:{port}"\n{lines}'


@pytest.fixture
def house(tmp_path: Path, smtp_sink: SmtpSink, request: pytest.FixtureRequest) -> Iterator[House]:
    """Pages with the accounts petra (desk) and admin (all roles); a parameter adds keys of [web]."""
    more = getattr(request, "param", {})
    with office.opened(tmp_path, smtp_sink, more=web_settings(**more)) as opened:
        house = House(opened)
        house.account("petra", "desk")
        house.account("admin", "desk", "rules", "privacy", "admin")
        pages = server.Server(application.create(opened.work), opened.work.settings.web)
        pages.start()
        try:
            yield house
        finally:
            pages.stop()

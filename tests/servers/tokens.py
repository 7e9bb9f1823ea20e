"""A small OAuth 2.0 server inside the test process: it issues access tokens and tells whom they belong to.

``POST /token`` grants client_credentials and refresh_token (RFC 6749); ``GET /tokeninfo?access_token=`` is what
Dovecot asks. Every attribute may be changed while it runs.
"""

import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.servers import certificates, processes

CLIENT = "kod-intake"
SECRET = "Geheimnis der Anwendung & mehr"


@dataclass
class Behaviour:
    """What the server does; ``answers`` are given, one per request, before anything is judged."""

    user: str = ""
    expires_in: Any = 3600
    refresh_tokens: set[str] = field(default_factory=set)
    rotate: bool = False
    """Every refresh token is good once and replaced by another."""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    location: str = ""
    """Where a 302 points."""
    drip: float = 0.0
    """Seconds between any two bytes of an answer."""


class TokenServer:
    """Not yet started. With ``certificates`` it speaks https."""

    host = processes.LOOPBACK

    def __init__(self, certificates: certificates.Certificates | None = None) -> None:
        self.behaviour = Behaviour()
        self.requests: list[dict[str, str]] = []
        """The forms that were posted."""
        self.valid: set[str] = set()
        """Access tokens that mail servers shall accept."""
        self.scheme = "https" if certificates else "http"
        server = self

        class Handler(_Handler):
            tokens = server

        self._http = ThreadingHTTPServer((self.host, 0), Handler)
        if certificates:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates.chain, certificates.key)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.port = int(self._http.server_address[1])
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="token server")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def token_url(self) -> str:
        """Where tokens are issued."""
        return f"{self.scheme}://localhost:{self.port}/token"

    @property
    def introspection(self) -> str:
        """Where Dovecot asks; the token follows."""
        return f"http://{self.host}:{self.port}/tokeninfo?access_token="

    def grant(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to a form (RFC 6749, 5.1 and 5.2)."""
        behaviour = self.behaviour
        if form.get("client_id") != CLIENT or form.get("client_secret", SECRET) != SECRET:
            return 401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
        answer: dict[str, Any] = {"token_type": "Bearer", "expires_in": behaviour.expires_in}
        if form.get("grant_type") == "refresh_token":
            shown = form.get("refresh_token", "")
            if shown not in behaviour.refresh_tokens:
                return 400, {"error": "invalid_grant", "error_description": "The refresh token has expired."}
            if behaviour.rotate:
                behaviour.refresh_tokens.remove(shown)
                answer["refresh_token"] = f"refresh-{len(self.requests)}"
                behaviour.refresh_tokens.add(answer["refresh_token"])
        answer["access_token"] = f"access-{len(self.requests)}.abc_~+/=="
        self.valid.add(answer["access_token"])
        return 200, answer


class _Handler(BaseHTTPRequestHandler):
    tokens: TokenServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.tokens.requests.append({name: values[0] for name, values in parse_qs(body).items()})
        if self.tokens.behaviour.answers:
            return self._say(*self.tokens.behaviour.answers.pop(0))
        status, answer = self.tokens.grant(self.tokens.requests[-1])
        return self._say(status, json.dumps(answer).encode())

    def do_GET(self) -> None:
        [token] = parse_qs(urlsplit(self.path).query).get("access_token", [""])
        known = token in self.tokens.valid
        answer = {"email": self.tokens.behaviour.user} if known else {"error": "invalid_token"}
        self._say(200 if known else 401, json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing on standard error."""

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.tokens.behaviour.location:
            self.send_header("Location", self.tokens.behaviour.location)
        self.end_headers()
        drip = self.tokens.behaviour.drip
        for piece in [body[at : at + 1] for at in range(len(body))] if drip else [body]:
            self.wfile.write(piece)
            time.sleep(drip)

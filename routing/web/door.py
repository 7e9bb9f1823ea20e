"""From a request to a page and back: who asks, from where, with a genuine form; then the page, in a thread.

This is the only way to a page, so that what must hold for all stands here once:

- **Where from.** What a proxy says about the browser's address, about encryption and about who is signed in counts
  only when it comes from one of ``[web] trusted_proxies``.
- **Genuine forms.** A POST is of this origin (``Sec-Fetch-Site``, else ``Origin``), small, and bears the token of its
  session: OWASP's advice on request forgery. An address that somebody was lured to changes nothing.
- **Who may.** A page names its roles; without a session one is sent to sign in, and back afterwards.
- **Failures.** A database that is out gives 503 and a sentence, a mistake of the visitor's gives the sentence, and
  anything else gives 500 and a line in the log; no page shows what went wrong inside.

Pages wait for the database, so they run in threads, a few at a time: the daemon's own work goes on beside them.
"""

import hmac
import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

import anyio
import anyio.to_thread
import structlog
from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from intake.base import errors
from routing.model.web import WebSettings
from routing.store.accounts import Session
from routing.web import signing_in
from routing.web.answers import COOKIE, Answers
from routing.web.visit import NOBODY, Answer, Go, Page, Route, Visit, Visitor

if TYPE_CHECKING:
    from routing.service.runtime import Runtime
    from routing.web.memory import Memory

log = structlog.get_logger(__name__)

AT_ONCE = 4  # pages made side by side
FORM_BYTES = 2_000_000  # a whole config.toml, several times
FORM_FIELDS = 2_000
SIGN_IN, NEW_PASSWORD = "/anmelden", "/passwort"
OUT = "Das geht gerade nicht: Die Datenbank antwortet nicht. Bitte versuchen Sie es in einer Minute noch einmal."
STRANGE = "Dieses Formular kam nicht von unseren Seiten oder ist zu alt. Bitte öffnen Sie die Seite noch einmal."


class Door:
    """Lets requests in. ``answers`` makes what a browser gets."""

    def __init__(self, work: "Runtime", answers: Answers, memory: "Memory") -> None:
        self._work = work
        self._answers = answers
        self._memory = memory
        self._limit: anyio.CapacityLimiter | None = None

    async def open(self, route: Route, request: Request) -> Response:
        """Answer one request by the page behind ``route``."""
        form = await _form(request) if route.method == "POST" else {}
        if self._limit is None:
            self._limit = anyio.CapacityLimiter(AT_ONCE)
        return await anyio.to_thread.run_sync(self._answered, route, request, form, limiter=self._limit)

    def _answered(self, route: Route, request: Request, form: Mapping[str, str] | None) -> Response:
        web = self._work.settings.web
        client, is_encrypted = _where_from(request, web)
        secret = request.cookies.get(COOKIE, "")
        visit = Visit(self._work, NOBODY, request.url.path, self._work.clock(), self._memory, client=client)
        begin = ""
        try:
            session, begin = self._session(secret, request, web, visit)
            visit = structs.replace(
                visit,
                visitor=_visitor(session) if session else NOBODY,
                parts={name: str(value) for name, value in request.path_params.items()},
                query=dict(request.query_params),
                form=form or {},
                said=session.said if session else "",
            )
            answer = _let_in(route, visit, request, form)
            return self._answers.response(answer, visit, begin=begin, is_encrypted=is_encrypted)
        except Exception as error:
            answer = _failed(error, request.url.path)
        return self._answers.response(answer, visit, begin=begin, is_encrypted=is_encrypted)

    def _session(self, secret: str, request: Request, web: WebSettings, visit: Visit) -> tuple[Session | None, str]:
        """The session of the browser, and the secret of one that begins now because a proxy signs in."""
        look, hours = self._work.look, web.session_hours
        found = signing_in.session_of(look, secret, hours, visit.now)
        if not web.trusted_header or not _is_trusted(request, web):
            return found, ""
        name = request.headers.get(web.trusted_header, "").strip()
        if not name or (found and found.account.name == name.casefold()):
            return (found if name else None), ""
        begin = signing_in.by_proxy(self._work.engine, name, visit.now)
        return signing_in.session_of(look, begin, hours, visit.now), begin


def _let_in(route: Route, visit: Visit, request: Request, form: Mapping[str, str] | None) -> Answer:
    visitor = visit.visitor
    if route.method == "POST":
        if form is None or not _is_ours(request):
            return _said(STRANGE, 403)
        if visitor.account and not _same(form.get("token", ""), visitor.form_token):
            return _said(STRANGE, 403)
    if route.is_open:
        return route.handler(visit)
    if not visitor.account:
        after = f"?weiter={quote(visit.path)}" if route.method == "GET" and visit.path != "/" else ""
        return Go(SIGN_IN + after)
    if visitor.is_new and visit.path not in {NEW_PASSWORD, "/abmelden"}:
        return Go(NEW_PASSWORD)
    if route.roles and visitor.roles.isdisjoint(route.roles):
        return _said("Diese Seite gehört nicht zu den Aufgaben Ihres Kontos.", 403)
    return route.handler(visit)


def _failed(error: Exception, path: str) -> Answer:
    if isinstance(error, errors.UsageError):
        return _said(error.german, 400)
    if isinstance(error, errors.TemporaryError):
        log.warning("page not given, the database is out", path=path, error=str(error))
        return _said(OUT, 503)
    log.error("page failed", path=path, exc_info=error)
    return _said("Das hat nicht geklappt. Der Fehler steht im Protokoll des Programms.", 500)


def _said(text: str, status: int) -> Page:
    return Page("meldung.html.j2", {"text": text}, status)


def _visitor(session: Session) -> Visitor:
    account = session.account
    is_new = account.is_new and bool(account.password)
    return Visitor(
        account.name,
        account.shown,
        account.roles,
        session.id,
        session.form_token,
        is_new,
    )


async def _form(request: Request) -> Mapping[str, str] | None:
    """The fields of a form, the last value of each name; None for one that is too long or is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            return None
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FORM_FIELDS, errors="strict")
    except ValueError:
        return None
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


def _is_ours(request: Request) -> bool:
    """Whether a form was sent from one of our own pages, as every browser in use says."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _is_trusted(request: Request, web: WebSettings) -> bool:
    return request.client is not None and _plain(request.client.host) in {_plain(one) for one in web.trusted_proxies}


def _where_from(request: Request, web: WebSettings) -> tuple[str, bool]:
    """The browser's IP address, and whether its connection is encrypted."""
    peer = request.client.host if request.client else ""
    if not _is_trusted(request, web):
        return _plain(peer), request.url.scheme == "https"
    nearest = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme).strip().lower()
    return _plain(nearest) or _plain(peer), scheme == "https"


def _plain(address: str) -> str:
    """An IP address in its one form, an IPv4 one within IPv6 as itself; "" for what is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)

"""What a page gave, as an answer for a browser: templates filled, cookies set, and the headers that protect people.

Everything that is shown is escaped by Jinja's autoescape; nothing of a citizen's is ever marked as safe. Plots of
figures, which have the names of channels and categories in them, are escaped by the XML writer that makes them. The
policy lets a page load our own style sheet and script and nothing else, from nowhere else, and be framed by nobody
(CSP 3). What is shown is not kept by browsers or proxies.
"""

import importlib.resources
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jinja2
import structlog
from starlette.responses import RedirectResponse, Response

from intake import reference, storage
from intake.base import errors, german
from routing.figures.forms import wording
from routing.model import words
from routing.store import accounts
from routing.web.visit import Answer, File, Go, Page, Visit

log = structlog.get_logger(__name__)

COOKIE = "intake_session"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
OF_FILES = "default-src 'none'; sandbox"
"""The policy for what a citizen sent: shown alone, it can do nothing."""
STATIC = {"style.css": "text/css; charset=utf-8", "keys.js": "text/javascript; charset=utf-8"}


class Answers:
    """Makes answers. ``menu`` gives what a visitor finds on every page: pairs of address and name, in order."""

    def __init__(self, menu: Mapping[str, Any]) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader(
                [
                    jinja2.PackageLoader("routing.web", "templates"),
                    jinja2.PrefixLoader({"figures": jinja2.PackageLoader("routing.figures.forms", ".")}),
                ]
            ),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters = {"moment": _moment, "day": _day, "number": german.number, "cell": wording.cell}
        self._environment.filters |= {**filters, "message_number": reference.message_number}
        self._environment.globals |= {"words": words, "menu": menu}

    def response(self, answer: Answer, visit: Visit, *, begin: str, is_encrypted: bool) -> Response:
        """The answer with its headers; ``begin``: the secret of a session that a proxy has just begun."""
        if isinstance(answer, Go):
            response = self._redirect(answer, visit)
            begin = answer.begin or begin
        elif isinstance(answer, Page):
            response = self._page(answer, visit)
        else:
            response = Response(answer.content, answer.status, media_type=answer.content_type)
        response.headers.update(HEADERS | (_of_file(answer) if isinstance(answer, File) else {}))
        if is_encrypted:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if begin:
            response.set_cookie(COOKIE, begin, httponly=True, samesite="lax", secure=is_encrypted, path="/")
        if isinstance(answer, Go) and answer.end:
            response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_encrypted)
        return response

    def _page(self, page: Page, visit: Visit) -> Response:
        template = self._environment.get_template(page.template)
        text = template.render(page.values, visit=visit, visitor=visit.visitor, city=visit.settings.city)
        if visit.said:
            _say(visit, "")
        return Response(text, page.status, media_type="text/html; charset=utf-8")

    def _redirect(self, go: Go, visit: Visit) -> Response:
        if go.said and visit.visitor.session:
            _say(visit, go.said)
        return RedirectResponse(go.path, status_code=303)


def static(name: str) -> Response:
    """A file of the pages' own: the style sheet, the script."""
    content = importlib.resources.files("routing.web").joinpath("static", name).read_bytes()
    response = Response(content, media_type=STATIC[name])
    response.headers.update(HEADERS | {"Cache-Control": "max-age=3600"})
    return response


def _say(visit: Visit, text: str) -> None:
    """Keep what the next page is to say; what was done is done, so a page that cannot be told of it is no failure."""
    try:
        with storage.writing(visit.work.look) as connection:
            accounts.change_session(connection, visit.visitor.session, said=text)
    except errors.TemporaryError as error:
        log.warning("not kept for the next page", error=str(error))


def _of_file(file: File) -> dict[str, str]:
    if not file.name:
        return {"Content-Security-Policy": OF_FILES}
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in file.name)
    return {"Content-Security-Policy": OF_FILES, "Content-Disposition": f'attachment; filename="{plain}"'}


def _moment(moment: datetime) -> str:
    return german.short_moment(moment)


def _day(moment: datetime) -> str:
    return german.long_date(german.local(moment).date())

"""Posting a form to a server, by HTTPS or to this very machine: how ``oauth`` asks for a token.

A redirect is not followed, an answer is read up to a bound and within its time. The caller says which URL is safe.
"""

import http.client
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LONGEST_ANSWER = 200_000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A secret goes where config.toml says and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(url: str, form: Mapping[str, str], *, ca_file: Path | None, seconds: float) -> tuple[int, bytes]:
    """The status and body of the answer, an error's too. Raises OSError (no answer, no trust) and ValueError.

    ``seconds`` bounds connecting and each read.
    """
    request = urllib.request.Request(  # noqa: S310  (the caller has looked at the URL)
        url,
        urllib.parse.urlencode(form).encode(),
        {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
    )
    context = ssl.create_default_context(cafile=ca_file)
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=seconds) as response:
            return response.status, _read(response, seconds)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _read(error, seconds)
    except http.client.HTTPException as error:
        raise OSError(type(error).__name__) from error


def _read(response: Any, seconds: float) -> bytes:
    """The body; a server that drips is given up after ``seconds`` altogether."""
    end = time.monotonic() + seconds
    body = b""
    while len(body) <= LONGEST_ANSWER and (piece := response.read1(8192)):
        body += piece
        if time.monotonic() > end:
            raise TimeoutError("the answer takes too long")
    return body

"""What must hold of [web] beyond its types: an address to listen on, and passwords that cross no wire in the clear."""

import ipaddress
from collections.abc import Iterator

from routing.config.problems import Fault, shown
from routing.model.settings import Settings
from routing.model.web import WebSettings


def faults(settings: Settings) -> Iterator[Fault]:
    """Everything wrong with the pages' table, in order of the file."""
    web = settings.web
    if web.listen:
        yield from _listens(web)
    if (web.certificate is None) != (web.key is None):
        key = "certificate" if web.certificate is None else "key"
        yield Fault(("web",), f"Zum Schlüsselpaar fehlt {key}.", "Geben Sie certificate und key beide an.")
    for position, proxy in enumerate(web.trusted_proxies):
        if not _is_ip(proxy):
            what = f"{shown(proxy)} ist keine IP-Adresse."
            yield Fault(("web", "trusted_proxies", position), what, 'Schreiben Sie zum Beispiel "127.0.0.1".')
    if web.trusted_header and not web.trusted_proxies:
        what = "Der Kopfzeile trusted_header wird nur von einem Proxy geglaubt, und keiner ist genannt."
        yield Fault(("web", "trusted_header"), what, "Nennen Sie seine IP-Adresse unter trusted_proxies.")


def _listens(web: WebSettings) -> Iterator[Fault]:
    try:
        host, _ = web.address
    except ValueError:
        what = f"{shown(web.listen)} ist keine Adresse mit Port."
        yield Fault(("web", "listen"), what, 'Schreiben Sie zum Beispiel "127.0.0.1:8642".')
        return
    if not _is_ip(host) and host != "localhost":
        what = f"{shown(host)} ist keine IP-Adresse dieses Rechners."
        yield Fault(("web", "listen"), what, 'Schreiben Sie zum Beispiel "127.0.0.1:8642".')
    elif web.certificate is None and not _is_loopback(host):  # a proxy before it encrypts for browsers alone
        yield Fault(
            ("web", "listen"),
            "Auf dieser Adresse gingen Passwörter unverschlüsselt durch das Netz.",
            "Geben Sie certificate und key an, oder lauschen Sie auf 127.0.0.1 hinter einem Proxy.",
        )


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback

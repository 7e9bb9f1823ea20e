"""A certification authority that only the tests trust, and a certificate for localhost and 127.0.0.1."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files: ``ca`` is what a client must trust, ``chain`` and ``key`` are the server's."""

    ca: Path
    chain: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """What a server that runs in this process needs to speak TLS."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context


def issue(folder: Path, *names: str) -> Certificates:
    """Make a new authority and a certificate for ``names`` (by default localhost and 127.0.0.1) in ``folder``."""
    authority = trustme.CA()
    server = authority.issue_cert(*(names or ("localhost", "127.0.0.1")))
    made = Certificates(ca=folder / "ca.pem", chain=folder / "server.pem", key=folder / "server.key")
    authority.cert_pem.write_to_path(str(made.ca))
    for part in server.cert_chain_pems:
        part.write_to_path(str(made.chain), append=True)
    server.private_key_pem.write_to_path(str(made.key))
    return made

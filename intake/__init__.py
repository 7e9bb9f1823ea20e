"""Gets messages in: sources, parsing, identity, storage. Never imports ``routing``."""

__version__ = "0.2.0"

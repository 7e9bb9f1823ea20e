"""Watching: servers against the store, the books, the probe, channels that fall silent; each tells the operator."""

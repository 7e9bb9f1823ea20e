"""config.toml, read and explained: what staff wrote → a checked ``Configuration``, or every mistake at once in German.

``loader`` reads and checks, ``last_known_good`` carries the last good configuration over a restart, ``paths`` finds
the file, ``secrets`` reads passwords when a connection is made, ``problems`` holds what is wrong and the report of it.
"""

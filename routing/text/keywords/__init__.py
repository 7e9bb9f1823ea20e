"""The keyword language: spelling made alike, German inflections, patterns, and one index over all of them.

Import ``folding``, ``inflection``, ``patterns`` and ``matching`` from here; each says in its own words what it does.
"""

"""Speed and size, measured side by side in one run: ``make bench``, or ``python -m bench --help``.

Each row of the table compares the program with something simpler doing the same work on the same machine at the same
time; only such ratios are judged, absolute figures are for reading. Everything is generated from a seed, stays on
loopback and in one temporary folder, and ends by itself.
"""

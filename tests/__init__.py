"""Tests of KOD intake, in folders named as what they test; ``servers`` holds the real servers, ``support`` the rest.

``journeys`` walk through the whole program, ``faults`` break it, ``house`` and ``docs`` hold its shape and its papers.
"""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent

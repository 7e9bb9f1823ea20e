"""The one clock type: steps get the time handed down, so that tests say what time it is."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Gives the time now (aware, UTC)."""

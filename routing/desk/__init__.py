"""What people at the desk do with a case: look, assign, close, have it decided again; and put letters back in line.

Each act is one short transaction with a line in the case's timeline (who, when, what). The daemon picks up what
becomes due. A case is named by its number (KOD-2026-000123); a concern of it by the number with its position behind;
a message that is only kept by its own (N-42).
Nothing here sends anything, and nothing that was sent is touched.
"""

from routing.desk import kept, letters, proposals, searching
from routing.desk.actions import assign, close, requeue, unpark
from routing.desk.case_numbers import UnknownCaseError, find
from routing.desk.case_views import Case, Entry, ListedConcern, listed, show
from routing.desk.changing import ChangedError, RestrictedError
from routing.desk.replies import acknowledge, answer

__all__ = (
    "Case",
    "ChangedError",
    "Entry",
    "ListedConcern",
    "RestrictedError",
    "UnknownCaseError",
    "acknowledge",
    "answer",
    "assign",
    "close",
    "find",
    "kept",
    "letters",
    "listed",
    "proposals",
    "requeue",
    "searching",
    "show",
    "unpark",
)

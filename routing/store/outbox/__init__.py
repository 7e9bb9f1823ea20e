"""The outbox: forwards that are planned, letters that are frozen, deliveries that are tried.

Intent, act and outcome are committed. A delivery found in ``sending`` whose sender no longer lives is in doubt: the
server may have taken the letter, so it is tried again with the same bytes and the same Message-ID, and marked.
Nothing is ever deleted; a permanent refusal is ``parked`` with the server's words and can be put back by one command.
What is ``held`` (see ``Held``) waits for a person; what came back later is ``bounced``.
"""

from routing.store.outbox.deliveries import (
    anything_waits,
    claim,
    due_ordinary,
    due_urgent,
    is_ours,
    record_results,
    recover,
    release,
)
from routing.store.outbox.due import bring_forward, next_due, try_at_once
from routing.store.outbox.due_forwards import anything_due, claim_forwards, due_forwards, repeated_reports
from routing.store.outbox.letters import freeze, raw
from routing.store.outbox.unanswered import Unanswered, unanswered
from routing.store.outbox.values import (
    CITIZEN,
    Claimed,
    DeliveryState,
    DueLetter,
    Held,
    NewLetter,
    Result,
)

__all__ = (
    "CITIZEN",
    "Claimed",
    "DeliveryState",
    "DueLetter",
    "Held",
    "NewLetter",
    "Result",
    "Unanswered",
    "anything_due",
    "anything_waits",
    "bring_forward",
    "claim",
    "claim_forwards",
    "due_forwards",
    "due_ordinary",
    "due_urgent",
    "freeze",
    "is_ours",
    "next_due",
    "raw",
    "record_results",
    "recover",
    "release",
    "repeated_reports",
    "try_at_once",
    "unanswered",
)

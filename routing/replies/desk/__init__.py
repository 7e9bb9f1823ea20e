"""What a member of the desk answers to its list: one order a line, each by its number in the list. Pure.

``of_mail`` gives what is clear as orders and everything else as ``Unclear`` lines, with the reason in German, which
the caller asks back: nothing is guessed. A line counts whole or not at all; two lines that say different things of one
number are both unclear. Greetings, thanks and what stands below the signature say nothing. Never does anything,
never reads a clock; raises nothing.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from intake.message import Message
from routing.replies.desk import lines
from routing.replies.desk.lines import Line, Order, Unclear
from routing.replies.desk.names import Names
from routing.replies.reading import letter_text

__all__ = ("BACK", "LONGEST", "Names", "Order", "Read", "Unclear", "of_mail", "read")

LONGEST = 20_000
"""Characters that are read of an answer; the rest of a longer one is asked back."""
MOST = 200  # lines
SHORTEST_OURS = 12  # characters: shorter ones stand in every letter
BACK = "back"
"""The act of an order that takes back what an answer did."""


class Read(Struct, frozen=True):
    """The orders in the order of the answer, each about one number (0: ``back``), and what is asked back."""

    orders: tuple[Order, ...]
    unclear: tuple[Unclear, ...]
    is_thanks: bool = False  # nothing but thanks: nobody waits for a reply


def of_mail(message: Message, ours: str, count: int, names: Names, number_of: Callable[[str], int]) -> Read:
    """What a mail says; ``ours`` are the texts of the letters that it answers, the rest as in ``read``.

    Lines that a mail program puts where the old mail stands, and that are not ours, are read as well.
    """
    new = letter_text.left(message.new_text, "", ours)
    return read(new, letter_text.left(message.text, message.new_text, ours), count, names, number_of, ours)


def read(text: str, outside: str, count: int, names: Names, number_of: Callable[[str], int], ours: str = "") -> Read:
    """The orders in ``text`` (what the member wrote), for a list of ``count`` numbers, from 1.

    ``outside`` are lines that stand where a mail program puts the old mail, and that are not ours: orders there count
    only where ``text`` has none. ``number_of`` gives the number in the list of a case number, 0 for one that is not
    on it. What is no order and stands in ``ours``, the words of the letters answered, is nobody's line.
    """
    known = lines.flat(ours)
    found = [line for line in _lines(text[:LONGEST], names, number_of) if line.orders or not _is_in(line.text, known)]
    below = [line for line in _lines(outside[:LONGEST], names, number_of) if line.orders]
    unclear = [one for line in found for one in line.unclear]
    if any(line.orders for line in found) or unclear:
        unclear += [Unclear(line.text, "Das stand unter der alten Nachricht.") for line in below]
    else:
        found = below or found
    if len(text) > LONGEST:
        unclear.append(Unclear("…", "Die Antwort ist zu lang; alles Weitere wurde nicht gelesen."))
    orders = [order for line in found for order in line.orders]
    is_thanks = not orders and not unclear and any(lines.thanks(line.text) for line in found)
    return structs.replace(_settled(orders, unclear, count), is_thanks=is_thanks)


def _is_in(line: str, known: str) -> bool:
    return len(line) >= SHORTEST_OURS and lines.flat(line) in known


def _lines(text: str, names: Names, number_of: Callable[[str], int]) -> list[Line]:
    found: list[Line] = []
    for raw in text.splitlines():
        line = lines.cleaned(raw)
        if lines.ends(line):
            rest = [lines.read(lines.cleaned(one), names, number_of) for one in text.splitlines()[len(found) + 1 :]]
            found += [line for line in rest if line.orders]  # "Gruß" above the last order is no end of it
            break
        found.append(lines.read(line, names, number_of))
    if len(found) > MOST:
        extra = Line("…", (), (Unclear("…", f"Nach {MOST} Zeilen wurde nicht weitergelesen."),))
        found = [*found[:MOST], extra]
    return found


def _settled(orders: Sequence[Order], unclear: list[Unclear], count: int) -> Read:
    """The orders with numbers that are there, none against another."""
    if any(order.act == BACK for order in orders):
        if len(orders) == 1 and not unclear:
            return Read(tuple(orders), ())
        why = "„zurück“ gilt nur, wenn es allein in der Antwort steht."
        return Read((), (*unclear, *(Unclear(text, why) for text in dict.fromkeys(one.text for one in orders))))
    single = [order for order in orders if order.number > 0]
    known = [order for order in single if order.number <= count]
    there = f"Die Liste hat {f'nur die Nummern 1 bis {count}' if count > 1 else 'nur die Nummer 1'}."
    unclear += [Unclear(order.text, there) for order in single if order.number > count]
    kept, against = _agreeing(known)
    unclear += against
    for order in orders:
        if order.number > 0:
            continue
        named = {one.number for one in single}
        if order.number == lines.ALL and named:
            why = "Sind damit auch die Nummern gemeint, die Sie einzeln nennen? Sonst schreiben Sie „Rest zu“."
            unclear.append(Unclear(order.text, why))
        elif order.number == lines.NONE:
            unclear.append(Unclear(order.text, "Diese Vorgangsnummer steht nicht auf der Liste."))
        else:
            kept += [order.of(number) for number in range(1, count + 1) if number not in named]
    several = [order for order in orders if order.number in {lines.ALL, lines.REST}]
    if len({(order.act, order.bodies, order.urgency) for order in several}) > 1:
        return Read((), (*unclear, *(Unclear(order.text, "Das widerspricht sich.") for order in several)))
    kept, circular = _targets(kept, count)
    return Read(tuple(_once(kept)), tuple(_named_once([*unclear, *circular])))


def _agreeing(orders: Sequence[Order]) -> tuple[list[Order], list[Unclear]]:
    """Those whose number has one meaning (and perhaps the wish for its text); the others."""
    meanings: dict[int, set[tuple[object, ...]]] = {}
    for order in orders:
        if order.act != "text":
            meanings.setdefault(order.number, set()).add(order.meaning)
    against = {number for number, said in meanings.items() if len(said) > 1}
    why = "Zu dieser Nummer steht Verschiedenes in der Antwort."
    kept = [order for order in orders if order.number not in against]
    return kept, [Unclear(order.text, why) for order in orders if order.number in against]


def _targets(orders: list[Order], count: int) -> tuple[list[Order], list[Unclear]]:
    """An order "4 wie 7" follows 7 to where that goes; round and round it goes nowhere."""
    same = {order.number: order.target for order in orders if order.act == "same"}
    kept, unclear = [], []
    for order in orders:
        if order.act != "same":
            kept.append(order)
            continue
        seen, target = {order.number}, order.target
        while target in same and target not in seen:
            seen.add(target)
            target = same[target]
        if target in seen:
            unclear.append(Unclear(order.text, "Ein Hinweis kann nicht derselbe Fall sein wie er selbst."))
        elif not 1 <= target <= count:
            unclear.append(Unclear(order.text, "Die Nummer, auf die Sie verweisen, steht nicht auf der Liste."))
        else:
            kept.append(order.with_target(target))
    return sorted(kept, key=lambda order: order.act == "same"), unclear  # first what the others follow


def _once(orders: Sequence[Order]) -> list[Order]:
    return list({(order.number, order.act): order for order in reversed(orders)}.values())[::-1]


def _named_once(unclear: Sequence[Unclear]) -> list[Unclear]:
    return list({(one.text, one.why): one for one in unclear}.values())

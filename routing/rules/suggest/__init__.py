"""Keywords that people's corrections ask for, with the counts behind each: nothing is learned in secret. Pure.

``propose`` reads the past twice: which messages the rules do not bring where a person sent them, and their words; and
what these words would do as keywords, in every message and with all masks of the keyword language. A word is proposed
when it belongs to the body (``association``), brings at least three more messages right, of three senders, and is
hardly ever wrong. Names, streets and numbers never are (``terms``). With it are named the states of the library that
stand in its sentences: a thing is a report by what is wrong with it. Words that are frequent where nobody has decided
yet are named without a body.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from msgspec import Struct, field

from intake.message import Message
from routing import rules
from routing.model.decision import State, Urgency
from routing.model.library import Library
from routing.model.settings import Configuration, Rule
from routing.rules.engine import match
from routing.rules.engine.signs.marks import Sort
from routing.rules.engine.values import Findings, RuleSet
from routing.rules.suggest import association
from routing.rules.suggest.terms import Reader
from routing.text.keywords.patterns import KeywordError, parse
from routing.text.redaction import city_words

FEWEST = 3
"""Messages, and senders, that a keyword must bring right."""
SURE = 0.9
"""Share of the messages with the word that it must be right for."""
MOST_TRIED = 3000
USUAL = 0.8
"""Share of the messages with the word that must name one of the states, for these to be proposed with it ..."""
RARE = 0.15
"""... each of which stands in at least this share."""
MOST_OPEN = 20

Body = tuple[str, ...]
"""The recipients of a message, in order of their names; empty: it went to nobody."""


class PastMessage(Struct, frozen=True):
    """A message of the past and where it went in the end; ``body`` is None while it waits in review."""

    message: Message
    body: Body | None
    by_person: bool = False


class Proposal(Struct, frozen=True):
    """A keyword for a body. All counts are messages: ``gained`` are right and would not be without it.

    ``states`` are those of the library that its messages name with it; empty where most name none.
    """

    keyword: str
    body: Body
    strength: float
    gained: int
    right: int
    wrong: int
    waiting: int
    states: tuple[str, ...] = ()


class Open(Struct, frozen=True):
    """A word that is frequent in review, where nobody has decided yet."""

    word: str
    strength: float
    waiting: int
    elsewhere: int


class Advice(Struct, frozen=True):
    """What was looked at, and what comes of it."""

    messages: int
    missed: int  # a person sent them where the rules would not
    waiting: int
    gained: int  # of the missed ones, with all proposals together
    wrong: int  # letters at most that the proposals would send to a body that did not get the message
    proposals: tuple[Proposal, ...]
    open: tuple[Open, ...]


Past = Callable[[], Iterator[PastMessage]]
"""Gives the messages of the past, the same ones in the same order each time."""


class _Words(Struct):
    """Terms of the messages that no rule brings right: as written, in how many, and from whom."""

    missed: dict[int, Body] = field(default_factory=dict)  # by the message's place in the past
    names: set[str] = field(default_factory=set)
    written: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    counts: Counter[str] = field(default_factory=Counter)


class _Tried(Struct):
    """What a word does as a keyword: messages by where they went, and the missed ones that it catches."""

    keyword: str
    bodies: Counter[Body | None] = field(default_factory=Counter)
    caught: dict[int, str] = field(default_factory=dict)  # place in the past → sender
    states: Counter[frozenset[str]] = field(default_factory=Counter)  # those in its sentences, by message

    def split(self, body: Body) -> tuple[int, int]:
        """How many of its messages went to ``body`` (too), and how many elsewhere; those that wait count nowhere."""
        right = sum(count for other, count in self.bodies.items() if other is not None and set(body) <= set(other))
        return right, self.bodies.total() - self.bodies[None] - right

    def usual_states(self) -> tuple[str, ...]:
        """The states that nearly every message has with the word, the most frequent first."""
        total = self.states.total()
        counts: Counter[str] = Counter()
        for named, count in self.states.items():
            counts.update(dict.fromkeys(named, count))
        usual = {name for name, count in counts.items() if count >= RARE * total}
        if sum(count for named, count in self.states.items() if named & usual) < USUAL * total:
            return ()
        return tuple(sorted(usual, key=lambda name: (-counts[name], name)))


def propose(past: Past, configuration: Configuration) -> Advice:
    """The keywords that the past asks for, beside the rules of ``configuration``."""
    words = _words(past, configuration)
    totals, tried = _try(past, configuration, words)
    proposals, gained = _chosen(totals, tried, words.missed)
    wrong = sum(proposal.wrong for proposal in proposals)
    return Advice(
        totals.total(), len(words.missed), totals[None], gained, wrong, proposals, _open(totals, tried, proposals)
    )


def _words(past: Past, configuration: Configuration) -> _Words:
    rule_set, _ = rules.compiled(configuration)
    reader = Reader(configuration.gazetteer, city_words.of_configuration(configuration))
    words = _Words()
    known = configuration.settings.recipients.keys()
    for place, one in enumerate(past()):
        words.names.update(reader.sender(one.message))
        body = one.body
        if body is not None:
            is_missed = one.by_person and body and set(body) <= known and not _finds(rule_set, one.message, body)
            if not is_missed:
                continue
            words.missed[place] = body
        words.names.update(reader.names(one.message))
        for term in reader.terms(one.message):
            words.written[term.key][term.written] += 1
            words.counts[term.key] += 1
    return words


def _finds(rule_set: RuleSet, message: Message, body: Body) -> bool:
    decision = rules.classify(message, rule_set)
    return decision.state is State.ROUTED and set(body) <= set(decision.recipients)


def _try(past: Past, configuration: Configuration, words: _Words) -> tuple[Counter[Body | None], list[_Tried]]:
    """Every term that comes up often enough as a keyword of a rule of its own, over all messages."""
    keywords = [
        _usual(words.written[key])
        for key, count in words.counts.most_common(MOST_TRIED)
        if count >= FEWEST and words.names.isdisjoint(key.split())
    ]
    tried = [_Tried(keyword) for keyword in dict.fromkeys(keywords) if _is_keyword(keyword)]
    body = next(iter(configuration.settings.recipients))
    alone = tuple(
        Rule(name=str(number), category="?", recipient=(body,), urgency=Urgency.HEUTE, keywords=(one.keyword,))
        for number, one in enumerate(tried)
    )
    totals: Counter[Body | None] = Counter()
    settings = configuration.settings.model_copy(update={"rules": alone, "kinds": ()})
    rule_set, _ = rules.build(settings, {}, configuration.gazetteer, Library(states=configuration.library.states))
    for place, one in enumerate(past()):
        totals[one.body] += 1
        found = match.evaluate(one.message, rule_set)
        beside = _states(found)
        for number in found.matches:
            tried[number].bodies[one.body] += 1
            tried[number].states[frozenset(beside[number])] += 1
            if place in words.missed:
                tried[number].caught[place] = one.message.from_addr or str(place)
    return totals, tried


def _states(found: Findings) -> dict[int, set[str]]:
    """The states in the sentences of each rule's words."""
    beside: dict[int, set[str]] = defaultdict(set)
    strengths = iter(found.strengths)
    for (name, _), looked in zip(found.fields, found.looked, strict=True):
        inside: dict[int, set[str]] = defaultdict(set)
        for mark in looked.marks:
            if mark.sort is Sort.STATE:
                inside[looked.clauses.sentence(mark.start)].add(mark.name)
        for _, strength in zip([one for field_, one in found.found if field_ == name], strengths, strict=False):
            beside[strength.rule] |= inside[strength.sentence]
    return beside


def _usual(written: Counter[str]) -> str:
    return min(written, key=lambda form: (-written[form], form))


def _is_keyword(written: str) -> bool:
    try:
        return bool(parse(written, {}).parts)
    except KeywordError:
        return False


def _chosen(
    totals: Counter[Body | None], tried: list[_Tried], missed: dict[int, Body]
) -> tuple[tuple[Proposal, ...], int]:
    """The best keywords, each only where those before it leave enough; and how many messages they bring right."""
    known = totals.total() - totals[None]
    wanted = Counter(missed.values())
    found: list[tuple[Proposal, frozenset[int]]] = []
    for one in tried:
        for body in {missed[place] for place in one.caught}:
            places = frozenset(place for place in one.caught if missed[place] == body)
            right, wrong = one.split(body)
            inside = wanted[body]
            strength = association.strength(len(places), inside, right + wrong - len(places), known - inside)
            enough = min(len(places), len({one.caught[place] for place in places})) >= FEWEST
            if enough and strength >= association.SURPRISING and right >= SURE * (right + wrong):
                proposal = Proposal(
                    one.keyword, body, strength, len(places), right, wrong, one.bodies[None], one.usual_states()
                )
                found.append((proposal, places))
    found.sort(key=lambda item: (-item[0].gained + item[0].wrong, " " in item[0].keyword, -item[0].strength))
    chosen: list[Proposal] = []
    covered: set[int] = set()
    for proposal, places in found:
        if len(places - covered) >= FEWEST:
            covered |= places
            chosen.append(proposal)
    return tuple(chosen), len(covered)


def _open(totals: Counter[Body | None], tried: list[_Tried], proposals: tuple[Proposal, ...]) -> tuple[Open, ...]:
    """Frequent words of what waits that are not, and do not hold, a proposal or a more frequent one of them."""
    known = totals.total() - totals[None]
    found = [
        Open(one.keyword, strength, one.bodies[None], one.bodies.total() - one.bodies[None])
        for one in tried
        if one.bodies[None] >= FEWEST
        and (strength := _strength_in_review(one, totals[None], known)) >= association.SURPRISING
    ]
    found.sort(key=lambda word: (-word.strength, len(word.word)))
    covered = {part for proposal in proposals for part in proposal.keyword.split()}
    new: list[Open] = []
    for one in found:
        parts = set(one.word.split())
        if covered.isdisjoint(parts):
            covered |= parts
            new.append(one)
    return tuple(new[:MOST_OPEN])


def _strength_in_review(one: _Tried, waiting: int, known: int) -> float:
    return association.strength(one.bodies[None], waiting, one.bodies.total() - one.bodies[None], known)

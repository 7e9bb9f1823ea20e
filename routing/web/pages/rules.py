"""Regeln: who gets what, which rules know a word, what a sentence would become, and changes that are tried first.

A change, in a form or as text, makes a draft: it is checked like any saved file, shown beside what the file says now,
compared over the last 90 days, and only then written into config.toml, with its comments. The version before stays
one click away.
"""

import difflib
import hashlib
import threading

from intake import storage
from intake.base import errors
from intake.message import Message
from routing import rules as judging
from routing.config import files, loader
from routing.config.editing import forms, saving
from routing.config.problems import ConfigurationError
from routing.config.rulebook import finding, sources
from routing.model.decision import Urgency
from routing.model.settings import Rule
from routing.model.web import Role
from routing.planning import release
from routing.rules import backtest_words
from routing.web import marking
from routing.web.drafts import Draft
from routing.web.visit import Answer, Go, Page, Route, Visit

DRAFT = "/regeln/entwurf"
LONGEST = 4000  # characters of a sentence to try
CHECKED = threading.Lock()
"""One draft is checked at a time: it takes a second of a core."""


def show(visit: Visit) -> Answer:
    """The categories in order of the file with who is responsible, and the rules that know a word."""
    word = visit.query.get("wort", "").strip()[:80]
    active = visit.work.active
    rulebook = sources.of_configuration(active.configuration)
    known = finding.find(word, rulebook, active.rule_set) if word else []
    by_name = {one.rule.name: one for one in finding.listed(rulebook)} if known else {}
    values = {
        "word": word,
        "known": [(by_name[name], [one for one in known if one.rule == name]) for name in _names(known)],
        "responsible": rulebook.config.responsible,
        "names": visit.settings.body_names,
    }
    return Page("regeln.html.j2", values)


def try_sentence(visit: Visit) -> Answer:
    """What a sentence (4,000 characters) would become under the rules in force, or under the visitor's draft."""
    text = visit.form.get("satz", "").strip()[:LONGEST]
    draft = visit.memory.drafts.of(visit.visitor.account)
    in_force = visit.work.active
    configuration, rule_set = in_force.configuration, in_force.rule_set
    if visit.form.get("entwurf") == "ja" and draft and draft.configuration:
        configuration = draft.configuration
        rule_set, _ = judging.compiled(configuration)
    message = Message(channel="E-Mail", identity=b"", text=text, new_text=text)
    decision = release.guarded(judging.classify(message, rule_set), message, configuration)
    found = [
        {"rule": one.rule, "field": one.field, "start": one.start, "end": one.end}
        for concern in decision.concerns
        for one in concern.matches
    ]
    values = {
        "text": text,
        "pieces": marking.pieces(text, found),
        "decision": decision,
        "of_draft": configuration is not in_force.configuration,
        "names": configuration.settings.body_names,
    }
    return Page("satz.html.j2", values)


def show_category(visit: Visit) -> Answer:
    """The form for one line of [responsible], found by key. Raises UsageError for an unknown one."""
    key = visit.parts["key"]
    line = sources.of_configuration(visit.work.active.configuration).config.responsible.get(key)
    if line is None:
        raise errors.UsageError("Diese Kategorie gibt es nicht.")
    return Page(
        "zustaendig.html.j2",
        {"key": key, "line": line, "names": visit.settings.body_names, "urgencies": list(Urgency)},
    )


def change_category(visit: Visit) -> Answer:
    """A draft with another line of [responsible]."""
    chosen = [name for name in visit.settings.recipients if visit.form.get(f"to {name}") == "yes"]
    urgency = visit.form.get("urgency", "")
    urgency = urgency if urgency in list(Urgency) else ""
    text, before = _text(visit)
    return _draft(visit, forms.with_responsible(text, visit.parts["key"], chosen, urgency), before)


def show_rule(visit: Visit) -> Answer:
    """A rule, found by name, with its words, and the form to change them. Raises UsageError for an unknown one."""
    name = visit.query.get("name", "")
    rulebook = sources.of_configuration(visit.work.active.configuration)
    listed = next((one for one in finding.listed(rulebook) if one.rule.name == name), None)
    if listed is None:
        raise errors.UsageError("Diese Regel gibt es nicht.")
    is_own = not listed.file.startswith("library") and listed.file == visit.work.active.configuration.path.name
    return Page("regel.html.j2", {"listed": listed, "is_own": is_own, "is_rule": isinstance(listed.rule, Rule)})


def change_rule(visit: Visit) -> Answer:
    """A draft with the list of words added, removed or made exceptions."""
    words = {key: _words(visit.form.get(key, "")) for key in ("add", "remove", "except")}
    if not any(words.values()):
        raise errors.UsageError("Bitte tragen Sie mindestens ein Wort ein.")
    text, before = _text(visit)
    text = forms.with_words(
        text, visit.form.get("rule", ""), add=words["add"], remove=words["remove"], leave_out=words["except"]
    )
    return _draft(visit, text, before)


def show_draft(visit: Visit) -> Answer:
    """The draft with its mistakes in order of lines, its differences, and its text to edit on."""
    draft = visit.memory.drafts.of(visit.visitor.account)
    before = _file(visit)
    text = draft.text if draft else before
    tally = draft.tally if draft else None
    values = {
        "draft": draft,
        "text": text,
        "before": _mark(draft.before if draft else before),
        "difference": _difference(draft.before, text) if draft else [],
        "tally": tally,
        "groups": [
            (backtest_words.title(group), list(backtest_words.causes(group)))
            for group in (backtest_words.urgent_first(tally) if tally else ())
        ],
        "is_stale": bool(draft and draft.before != before),
    }
    return Page("entwurf.html.j2", values)


def change_draft(visit: Visit) -> Answer:
    """Check the text, compare it, save it, or throw it away."""
    what, drafts, account = visit.form.get("do"), visit.memory.drafts, visit.visitor.account
    active = visit.work.active.configuration
    draft = drafts.of(account)
    if what == "drop":
        drafts.drop(account)
        return Go("/regeln", "Der Entwurf ist verworfen.")
    if what == "compare" and draft:
        draft.compare(visit.work.engine, active, visit.now)
        return Go(DRAFT)
    if what == "save" and draft and draft.configuration:
        saving.save(
            active.path,
            draft.text,
            before=draft.before,
            data=visit.settings.service.data,
            actor=account,
            now=visit.now,
        )
        drafts.drop(account)
        with storage.writing(visit.work.engine) as connection:
            detail = f"{visit.visitor.name} hat config.toml geändert."
            storage.note(connection, visit.now, "configuration", actor=visit.visitor.name, detail=detail)
        return Go("/regeln", "Gespeichert. Der Dienst übernimmt die Datei in wenigen Sekunden.")
    text = visit.form.get("text")
    return _draft(visit, text, _shown(visit, draft)) if text is not None else Go(DRAFT)


def show_earlier(visit: Visit) -> Answer:
    """The versions of config.toml that were replaced on these pages, newest first."""
    return Page("frueher.html.j2", {"versions": saving.earlier(visit.settings.service.data)})


def open_earlier(visit: Visit) -> Answer:
    """A draft with the text of an earlier version."""
    text = saving.text_of(visit.settings.service.data, visit.form.get("version", ""))
    return _draft(visit, text, _file(visit))


def _file(visit: Visit) -> str:
    """What config.toml says now, on disk. Raises UsageError where it cannot be read."""
    path = visit.work.active.configuration.path
    try:
        return files.content(path).decode()
    except (ValueError, UnicodeError) as error:
        raise errors.UsageError(f"{path} lässt sich nicht lesen: {error}") from error


def _text(visit: Visit) -> tuple[str, str]:
    """(What a form changes, what the file says): the visitor's draft as long as it is about the file as it is now."""
    draft, before = visit.memory.drafts.of(visit.visitor.account), _file(visit)
    return (draft.text if draft and draft.before == before else before), before


def _shown(visit: Visit, draft: Draft | None) -> str:
    """What the file said when the page with the text was opened; "", and nothing is saved, when nobody knows."""
    mark, before = visit.form.get("before", ""), _file(visit)
    known = (before, draft.before if draft else before)
    return next((one for one in known if _mark(one) == mark), "")


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _draft(visit: Visit, text: str, before: str) -> Go:
    """Check a text as the daemon will check it, examples and all, and keep it as the visitor's draft."""
    path = visit.work.active.configuration.path
    with CHECKED:
        try:
            draft = Draft(text, before, loader.load(path, draft=text))
        except ConfigurationError as error:
            draft = Draft(text, before, None, error.problems)
    visit.memory.drafts.keep(visit.visitor.account, draft)
    return Go(DRAFT, "" if draft.problems else "Geprüft: Die Datei wäre in Ordnung.")


def _difference(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [line for line in lines if not line.startswith(("---", "+++"))]


def _words(text: str) -> list[str]:
    return [word for line in text.splitlines() if (word := line.strip())]


def _names(known: list[finding.Known]) -> list[str]:
    return list(dict.fromkeys(one.rule for one in sorted(known, key=lambda one: one.key != "keywords")))


ROUTES = (
    Route("/regeln", show, roles=(Role.RULES, Role.DESK)),
    Route("/regeln/satz", try_sentence, "POST", roles=(Role.RULES, Role.DESK)),
    Route("/regeln/regel", show_rule, roles=(Role.RULES, Role.DESK)),
    Route("/regeln/regel", change_rule, "POST", roles=(Role.RULES,)),
    Route("/regeln/kategorie/{key}", show_category, roles=(Role.RULES,)),
    Route("/regeln/kategorie/{key}", change_category, "POST", roles=(Role.RULES,)),
    Route(DRAFT, show_draft, roles=(Role.RULES,)),
    Route(DRAFT, change_draft, "POST", roles=(Role.RULES,)),
    Route("/regeln/frueher", show_earlier, roles=(Role.RULES,)),
    Route("/regeln/frueher", open_earlier, "POST", roles=(Role.RULES,)),
)

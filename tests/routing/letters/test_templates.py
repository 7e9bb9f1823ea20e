"""The staff's own templates: found, tried, kept in the sandbox, and replaced by the shipped ones when they fail."""

from pathlib import Path

import pytest

from routing import letters
from routing.letters import trial
from routing.model.settings import Recipient
from tests.routing.letters.test_letters import GSAK, SHIPPED, composed, read, view
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import LAMP, Clock, Installation, mail
from tests.support.rule_examples import KREFELD_CITY
from tests.support.waiting import until


def own(folder: Path, **files: str) -> letters.Templates:
    for name, text in files.items():
        kind, _, part = name.partition("_")
        (folder / f"{kind}.{part}.j2").write_text(text, "utf-8")
    return letters.environment(folder, SHIPPED, KREFELD_CITY)


def test_the_shipped_templates_are_in_order() -> None:
    assert trial.problems(letters.environment(None, SHIPPED, KREFELD_CITY)) == ()


def test_a_folder_that_is_missing_means_the_shipped_templates(tmp_path: Path) -> None:
    assert trial.problems(letters.environment(tmp_path / "fehlt", SHIPPED, KREFELD_CITY)) == ()


def test_an_own_template_comes_before_the_shipped_one(tmp_path: Path) -> None:
    made = composed(
        view(), environment=own(tmp_path, forward_txt="{{ view.where }}\n", forward_html="<p>{{ view.where }}</p>")
    )
    _, text, html = read(made)
    assert text == "Roßstraße 12, Stadtmitte\n"
    assert html == "<p>Roßstraße 12, Stadtmitte</p>\n"
    assert made.fallback == ""


def test_an_own_template_may_use_the_shipped_parts(tmp_path: Path) -> None:
    text = '{% import "parts.txt.j2" as parts %}{{ parts.words(view) }}'
    assert "Matratze" in read(composed(view(), environment=own(tmp_path, forward_txt=text)))[1]


def test_a_recipient_may_have_a_template_of_its_own(tmp_path: Path) -> None:
    kbk = Recipient(name="KBK", address=("a@kbk.invalid",), template="kbk")
    made = composed(
        view(), recipient=kbk, environment=own(tmp_path, kbk_txt="Guten Morgen", kbk_html="<p>Guten Morgen</p>")
    )
    assert read(made)[1] == "Guten Morgen\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{% if %}", "Vorlage „forward.txt.j2“, Zeile 1: Schreibfehler"),
        ("{{ view.name }}", "eine Angabe, die es nicht gibt"),
        ("{{ from_addr }}", "eine Angabe, die es nicht gibt"),
        ("{{ view.__class__.__mro__ }}", "eine Angabe, die es nicht gibt|unsafe|SecurityError"),
        ("{{ view.where.__class__ }}", "eine Angabe, die es nicht gibt|unsafe|SecurityError"),
        ("{{ ''.format.__globals__ }}", "eine Angabe, die es nicht gibt|unsafe|SecurityError"),
        ("{% set view.text = 'x' %}", "Zeile 1|lässt sich nicht ausfüllen"),
        ("{% for i in range(99999999) %}{% endfor %}", "OverflowError"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ('{% include "/etc/passwd" %}', "Vorlage „/etc/passwd“ fehlt"),
        ('{% include "../config.toml" %}', "fehlt"),
    ],
)
def test_a_broken_template_is_found_by_check_and_never_holds_a_letter_up(
    tmp_path: Path, text: str, reason: str
) -> None:
    environment = own(tmp_path, forward_txt=text)
    (problem,) = trial.problems(environment)
    assert any(part in problem for part in reason.split("|")), problem
    made = composed(view(), environment=environment)
    assert problem == made.fallback.replace("„forward“", "„forward.txt.j2“")
    assert composed(view()).raw == made.raw


@pytest.mark.parametrize(
    "text",
    [
        "{% if view.contact %}{{ view.nobody }}{% endif %}",
        "{% if view.photos %}{{ view.nobody }}{% endif %}",
        "{% if not view.text %}{{ view.nobody }}{% endif %}",
        "{% if not view.place %}{{ view.nobody }}{% endif %}",
    ],
)
def test_check_tries_what_only_some_letters_have(tmp_path: Path, text: str) -> None:
    [problem] = trial.problems(own(tmp_path, forward_txt=text))
    assert "eine Angabe, die es nicht gibt" in problem


def test_a_recipients_template_that_is_missing_is_replaced_and_found_by_check() -> None:
    shipped = letters.environment(None, SHIPPED, KREFELD_CITY)
    kbk = Recipient(name="KBK", address=("a@kbk.invalid",), template="kbk")
    made = composed(view(), recipient=kbk)
    assert made.fallback == "Vorlage „kbk.txt.j2“ fehlt."
    assert composed(view(), recipient=GSAK).raw.split(b"\r\n\r\n", 1)[1] == made.raw.split(b"\r\n\r\n", 1)[1]
    assert trial.problems(shipped, ["kbk"]) == ("Vorlage „kbk.txt.j2“ fehlt.", "Vorlage „kbk.html.j2“ fehlt.")


def test_a_template_that_is_no_utf8_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "forward.txt.j2").write_bytes("Grüße".encode("cp1252"))
    environment = letters.environment(tmp_path, SHIPPED, KREFELD_CITY)
    assert "UTF-8" in "".join(trial.problems(environment))
    assert composed(view(), environment=environment).fallback


def test_the_operator_hears_of_a_broken_template_and_when_it_is_mended(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    folder = tmp_path / "vorlagen"
    folder.mkdir()
    (folder / "forward.txt.j2").write_text("{{ view.name }}", "utf-8")
    place = Installation(tmp_path / "kod", dovecot, smtp_sink, more=f'[files]\ntemplates = "{folder}"\n')
    with place.opened(Clock("2026-06-09 10:00")) as work:
        [told] = until(place.alarms, "the operator hears")  # at the start, not at half past seven
        assert "[KOD-Störung] Eine Vorlage für Schreiben ist fehlerhaft." == told.subject
        assert "verwendet eine Angabe, die es nicht gibt" in told.text
        place.deliver(mail(LAMP))
        journeys.work_once(work)
        [letter_sent] = place.letters("ngn")
        assert "Heute: Straßenbeleuchtung" in letter_sent.text  # by the shipped one
        assert 1 == len(place.alarms())
        (folder / "forward.txt.j2").write_text("Mast? {{ view.where }}\n", "utf-8")
        work.reload()
        until(lambda: "[KOD-Störung behoben]" in place.alarms()[-1].subject, "the operator hears that it is mended")
        place.deliver(mail(LAMP))
        journeys.work_once(work)
        assert place.letters("ngn")[-1].text.startswith("Mast?")


def test_a_template_that_fails_only_for_some_letters_is_told_when_it_happens(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    (tmp_path / "forward.txt.j2").write_text("{% if 'Laterne' in view.text %}{{ 1 // 0 }}{% endif %}", "utf-8")
    place = Installation(tmp_path / "kod", dovecot, smtp_sink, more=f'[files]\ntemplates = "{tmp_path}"\n')
    with place.opened(Clock("2026-06-09 10:00")) as work:
        assert [] == place.alarms()
        place.deliver(mail(LAMP))
        journeys.work_once(work)
        [sent] = place.letters("ngn")
        assert "Heute: Straßenbeleuchtung" in sent.text
        [told] = until(place.alarms, "the template told")
        assert "Vorlage „forward“ lässt sich nicht ausfüllen (ZeroDivisionError" in " ".join(told.text.split())

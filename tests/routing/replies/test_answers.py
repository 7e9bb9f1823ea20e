"""Answers as bodies write them: what they change, what is asked of a person, and that forged ones change nothing."""

import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from routing import desk
from tests.routing.replies import answering
from tests.routing.replies.answering import Answer
from tests.servers.smtp import SmtpSink
from tests.support import office
from tests.support.journeys import Letter
from tests.support.office import Office

ANSWERS = [("answers-1.toml", 79), ("answers-2.toml", 49)]
"""Each set with how many of its answers are read right."""
NOT_ASKED = {"noted"}  # "zur Kenntnis genommen" is a sign of life, which asks nothing of a person
FORGED = ["forged-answers-1.toml", "forged-answers-2.toml"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A city whose mail server proves senders; each test sends letters of its own."""
    with SmtpSink() as sink, answering.opened(tmp_path_factory.mktemp("answers"), sink) as place:
        yield place


@pytest.mark.parametrize(("name", "enough"), ANSWERS)
def test_answers_are_read_right_or_asked_of_a_person_and_never_touch_another_case(
    place: Office, name: str, enough: int
) -> None:
    wanted = answering.corpus(name)
    came = list(zip((one.key for one in wanted), answering.answers(place, wanted), strict=True))
    count = Counter(answered.verdict for _, answered in came)

    assert not [one for one in came if one[1].verdict == "wrong"]
    assert {key for key, answered in came if answered.verdict == "lost"} <= NOT_ASKED
    assert count["right"] >= enough, [one for one in came if one[1].verdict != "right"]


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_answer_changes_nothing_and_is_shown_to_a_person(place: Office, name: str) -> None:
    keys, heads = zip(*answering.heads(name, "forged"), strict=True)
    came = zip(keys, answering.answered_with(place, heads), strict=True)

    assert not [one for one in came if one[1] != "asked"]


@pytest.mark.parametrize("name", FORGED)
def test_an_honest_answer_counts_however_it_came(place: Office, name: str) -> None:
    keys, heads = zip(*answering.heads(name, "honest"), strict=True)
    came = zip(keys, answering.answered_with(place, heads), strict=True)

    assert not [one for one in came if one[1] != "counted"]


def test_two_cases_that_belong_together_tell_of_each_other_and_the_other_stays(place: Office) -> None:
    [answered] = answering.answers(place, [Answer("", "gsak", "top", "Doppelmeldung zu {other}", "question")])
    told = place.rows("SELECT case_id, detail FROM events WHERE action = 'linked' ORDER BY id DESC LIMIT 2")

    assert answered.verdict == "right"
    assert {1} < {row["case_id"] for row in told}
    assert any("KOD-2026-000001" in row["detail"] for row in told)


def test_the_desk_is_told_which_picture_came_with_an_answer(place: Office) -> None:
    answering.answers(place, [Answer("", "gsak", "phone", "", "question", photo=True)])

    assert "Dabei: 1 Foto (IMG_0815.jpg)." in place.value("SELECT waits_for FROM concerns ORDER BY id DESC LIMIT 1")


def test_an_alleged_answer_says_whose_it_would_be_and_why_it_does_not_count(place: Office) -> None:
    _, head = answering.heads("forged-answers-1.toml", "forged")[0]
    answering.answered_with(place, [head])
    reason = place.value("SELECT reason FROM decisions ORDER BY id DESC LIMIT 1")

    assert reason.startswith("Angebliche Antwort von GSAK auf KOD-2026-")
    assert "Der Mailserver hält den Absender für gefälscht." in reason


def test_a_danger_told_in_an_alleged_answer_goes_its_own_way(place: Office) -> None:
    sent, _ = answering.letter(place, "gsak")
    before = len(place.letters("kbk"))
    place.receive("auf der Hochstraße ist eine Ölspur", sender=sent.to[0], subject=f"AW: {sent.subject}")

    assert len(place.letters("kbk")) == before + 1


# every letter bears a token, and links that carry it


class Links(HTMLParser):
    """The addresses of a page's links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if tag == "a" and name == "href"]


def links(letter: Letter) -> tuple[list[str], list[str]]:
    """The mailto links of the text and of the page."""
    body = message_from_bytes(letter.raw, policy=policy.default).get_body(("html",))
    assert body is not None
    return re.findall(r"<(mailto:[^>]+)>", letter.text), Links(body.get_content()).found


def clicked(place: Office, link: str, sender: str) -> None:
    """A person clicks a link and sends the mail that opens, with her signature and without any reference."""
    address = urlsplit(link)
    values = parse_qs(address.query, strict_parsing=True)
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, unquote(address.path), values["subject"][0]
    mail.set_content(f"{values['body'][0]}\n\n-- \nGSAK\nDisposition\n")
    proof = f"{answering.PROVED[0]}: {answering.PROVED[1].format(domain=sender.partition('@')[2])}\r\n"
    place.put(proof.encode() + mail.as_bytes())
    place.run()


@pytest.mark.parametrize(("at", "state"), [(0, "closed"), (1, "answered"), (2, "review")])
@pytest.mark.parametrize("part", [0, 1])
def test_a_click_answers_a_letter(place: Office, part: int, at: int, state: str) -> None:
    sent, _ = answering.letter(place, "gsak")
    clicked(place, links(sent)[part][at], sent.to[0])

    assert state == place.value("SELECT state FROM concerns ORDER BY id DESC LIMIT 1")
    assert office.OWN in links(sent)[part][at]


def test_a_click_answers_one_of_a_list_or_all_of_it(place: Office) -> None:
    sent, numbers = answering.letter(place, "digest")
    text, page = links(sent)
    clicked(place, page[3 * 1], sent.to[0])  # three for each, the whole list last
    one = place.rows("SELECT state FROM concerns ORDER BY id DESC LIMIT 5")
    clicked(place, text[0], sent.to[0])
    all_of_them = place.rows("SELECT state FROM concerns ORDER BY id DESC LIMIT 5")

    assert len(page) == 3 * len(numbers) + 3
    assert Counter({"open": 4, "closed": 1}) == Counter(row["state"] for row in one)
    assert Counter({"closed": 5}) == Counter(row["state"] for row in all_of_them)


def test_facts_stand_before_the_links(place: Office) -> None:
    for kind in ("gsak", "urgent", "digest"):
        sent, numbers = answering.letter(place, kind)
        lines = sent.text.splitlines()
        first_link = next(at for at, line in enumerate(lines) if "mailto:" in line)

        assert all(any(number in line for line in lines[:first_link]) for number in numbers)
        assert len(lines) - first_link <= 8


# bounces


def bounced(place: Office, sent: Letter, given_back: str) -> None:
    """The mail server sends a letter back, with these header lines of it."""
    report = f"Final-Recipient: rfc822; {sent.to[0]}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    place.put(
        f"From: MAILER-DAEMON@mx.invalid\r\nTo: {office.OWN}\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
        f"Message-ID: <back{sent.message_id[1:]}\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.invalid\r\n\r\n{report}\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\n{given_back}\r\n\r\n"
        "--x--\r\n".encode()
    )
    place.run()


def test_a_bounce_counts_with_the_letters_token_alone(place: Office) -> None:
    sent, _ = answering.letter(place, "kbk")
    bounced(place, sent, f"Message-ID: {sent.message_id}\r\nSubject: {sent.title}")

    assert [] == desk.letters.stopped(place.work.engine)
    assert "Angeblich kam das Schreiben" in place.value("SELECT reason FROM decisions ORDER BY id DESC LIMIT 1")

    bounced(place, sent, f"Subject: {sent.subject}")

    assert [sent.to[0]] == [row.address for row in desk.letters.stopped(place.work.engine)]
    configuration = place.work.active.configuration
    desk.letters.resume(place.work.engine, configuration, sent.to[0], "", place.clock(), actor="anna")
    place.run()
    again = place.letters("kbk")[-1]
    assert again.subject == sent.subject
    assert again.message_id != sent.message_id
    clicked(place, links(again)[0][0], sent.to[0])
    assert "closed" == place.value(
        "SELECT state FROM concerns WHERE id = (SELECT max(concern_id) FROM forwards WHERE letter_id IS NOT NULL)"
    )

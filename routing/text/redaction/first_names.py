"""Names that no title gives away: a usual first name with what follows, and relations ("Mein Nachbar Schulze").

Only what is certain goes: a first name alone may be a street, a church or a word, so it needs a second word beside it
or a relation before it. Schools, streets and hospitals named after people stay.
"""

import re

from intake.base import lazy_regex
from routing.text.redaction import names, placeholders

FIRST = frozenset(  # in small letters, as they all are
    re.findall(
        r"\S+",
        "achim adam ahmet aleksandra alexander alexandra ali alina andrea andreas angela angelika anita anja "
        "anke anna anne annegret annette anni antonia arda armin arne arno astrid axel aylin ayse ayşe "
        "barbara bastian beate bernd bernhard bert bettina birgit björn boris brigitte bruno bärbel carina "
        "carmen carola carolin carsten charlotte christa christel christian christiane christina christine "
        "christoph clara claudia cornelia dagmar damian daniel daniela david dennis detlef diana dieter "
        "dietmar dirk dominik doris dorothea edeltraud edith ekaterina elena elfriede elias elif elisabeth "
        "elke ella ellen else emine emma emre erna ernst erwin esra eva evelyn fabian fatma felix finn "
        "florian frank franz franziska friedhelm friedrich fritz gabi gabriele georg gerd gerda gerhard "
        "gerlinde gertrud gisela gudrun guido günter günther gustav halil hanna hannah hannelore hannes hans "
        "harald hartmut hasan hatice heike heiko heiner heinrich heinz helga helge helmut hendrik henning "
        "herbert hermann hilde hildegard holger horst hubert hüseyin ibrahim igor ilona ilse inga inge "
        "ingeborg ingo ingrid irene irina irmgard ivan jakob jan jana janina jannik jasmin jens jessica "
        "jochen johann johanna johannes jonas jörg josef jost judith julia julian jutta jürgen karin karl "
        "karla karsten katharina kathrin katja katrin kerstin kevin klara klaus konrad korbinian krzysztof "
        "kurt käthe lara lars laura lea leah lena leon leonie leyla lina linda lisa lothar louis luca lucas "
        "ludwig luis luisa lukas lutz magdalena maik maike malte mandy manfred manuel manuela marc marcel "
        "marco marcus mareike margarete margit margot margret maria marianne marie marina mario marion markus "
        "marlene marlies marta martin martina marvin mathias matthias maurice max maximilian mehmet melanie "
        "meike mia michael michaela michel mike miriam mohamed mohammed monika moritz murat mustafa nadine "
        "natalie natascha niklas nicole nico nils nina noah norbert olaf oliver olga oskar osman pascal "
        "patricia patrick paul paula peter petra philipp pia piotr rainer ralf ramona raphael rebecca regina "
        "reiner reinhard reinhold renate rené ricarda richard rita robert robin roland rolf roman ronny "
        "rosemarie rosi roswitha rudi rudolf rüdiger sabine sabrina salih samira samuel sandra sara sarah "
        "sascha saskia sebastian serkan sibylle siegfried sigrid silke silvia simon simone sofia sonja sophia "
        "sophie stefan stefanie steffen stephan stephanie susanne sven svetlana sylvia tanja tatjana theo "
        "theodor theresa thomas thorsten tim timo tina tobias tom torsten udo ulf uli ulrich ulrike ursula "
        "ute uwe valentina vanessa vera verena veronika viktor viktoria volker walter waltraud wanda werner "
        "wiebke wilfried wilhelm willi winfried wolfgang yannick yasemin yusuf yvonne zeynep zoe marek kalle "
        "uschi manni hansi susi conny steffi jenny olli basti chris alex toni",
    )
)
_LAST = frozenset(
    re.findall(
        r"\S+",
        "müller schmidt schneider fischer weber meyer meier maier mayer wagner becker schulz schulze hoffmann "
        "schäfer bauer richter klein schröder neumann schwarz zimmermann braun krüger hofmann hartmann lange "
        "schmitt schmitz krause lehmann schmid köhler herrmann walter könig huber kaiser fuchs peters lang "
        "scholz möller jung hahn schubert vogel friedrich keller günther berger winkler lorenz baumann franke "
        "albrecht schuster simon ludwig böhm winter kraus martin schumacher krämer vogt stein jansen janssen "
        "otto sommer groß seidel heinrich brandt haas schreiber graf dietrich ziegler kuhn kühn pohl engel "
        "horn busch bergmann thomas voigt sauer arnold wolff yilmaz yılmaz kaya demir öztürk sahin şahin "
        "aydin aydın özdemir arslan dogan doğan kilic kılıç nowak kowalski kaminski lewandowski",
    )
)
USUAL = FIRST | _LAST
"""The first names and surnames that are looked for, in small letters."""
_WORD = lazy_regex.lazy(r"(?<![^\W_])(?<!-)[^\W\d_a-zäöüß][^\W\d_]{2,}(?:-[^\W\d_]{3,})?(?![^\W_])")
_REST = lazy_regex.lazy(
    r"(?:[ ](?:von|van|de|zu|el|al|dos)(?:[ ](?:der|den))?)?"
    r"(?:[ ](?P<word>[^\W\d_]\.(?!\w)|[^\W\d_]{2,}(?:-[^\W\d_]{2,}){0,2}))"
)
_WAYS = r"(?:stra(?:ß|ss)en?|str|platz(?:es)?|weg|allee|ring|damm|wall|ufer|gasse)"
_HOUSES = (
    r"(?:schule|gymnasium|kita|kindergarten|haus|park|klinik|kirche|halle|brücke|denkmal|stiftung|heim|zentrum|hospital|"
    r"stift|bad|turm|tor|kolleg|institut|viertel|siedlung|saal|apotheke|café|kiosk|stadion|bahnhof|museum|friedhof|"
    r"markt|garten)"
)
# "Kurt Tucholsky Gesamtschule" is named after somebody, "Schulze Gartenstraße" is somebody and where he lives.
_NAMED_PLACE = lazy_regex.lazy(
    rf"(?:[ -][^\W\d_]+){{0,2}}[ -](?:{_WAYS}|\w{{0,20}}{_HOUSES})(?:s|es)?(?![^\W_])", re.IGNORECASE
)
_IS_PLACE = lazy_regex.lazy(rf"\w{{0,20}}(?:{_WAYS}|{_HOUSES})(?:s|es)?", re.IGNORECASE)
_HOLY = lazy_regex.lazy(r"(?:\bSt\.|\bSankt|\bHaus|\bCafé|\bKita|\bSalon|\bStift|\bKiosk|-)[ ]?$", re.IGNORECASE)
_ROLE = (
    r"(?:nachbar(?:in|n)?|mieter(?:in)?|vermieter(?:in)?|bewohner(?:in)?|untermieter(?:in)?|eigentümer(?:in)?|"
    r"besitzer(?:in)?|halter(?:in)?|kollege|kollegin|hausmeister(?:in)?|mann|ehemann|sohn|tochter|bruder|schwester|"
    r"mutter|vater|oma|opa|enkel(?:in)?|freund(?:in)?|zeuge|zeugin|täter(?:in)?|chef(?:in)?|lebensgefährte)"
)
_TENANT = r"(?:nachbar(?:in|n)?|(?:ver)?mieter(?:in)?|bewohner(?:in)?|eigentümer(?:in)?|hausmeister(?:in)?)"
_CAPITAL = r"(?<![^\W_])[^\W\d_a-zäöüß][^\W\d_]{1,30}+(?:-[^\W\d_]{1,30}+)?+"
_AFTER_ROLE = placeholders.pattern(
    # At the beginning of a sentence what follows "Mein Nachbar" is a verb or a name.
    rf"(?:^[ \t]*|[.!?:][ ]{{1,2}})(?:(?:Meine?|Unsere?|Ihre?|Seine?)[ ](?i:{_ROLE})|"
    rf"(?:Der|Die)[ ](?i:{_TENANT})),?[ ]"
    rf"(?P<name>{_CAPITAL}(?:[ ]{_CAPITAL})?)(?P<second>[ ]und[ ]{_CAPITAL})?"
    rf"(?=[ ,;:]{{1,2}}[^\W\d_A-ZÄÖÜ]|[ ]?\(|[.,]?$)|"
    rf"(?i:\b(?:sohn|tochter|kinder|mutter|vater|mann|familie)[ ](?:von|der)[ ])"
    rf"(?P<child>{_CAPITAL})(?![ ]?\d|[^\W_]|-)",
    re.MULTILINE,
)
# What the two halves of _AFTER_ROLE need.
_POINTING = lazy_regex.lazy(rf"[MUISD][a-z]{{2,5}}[ ](?i:{_ROLE}|{_TENANT})")
_OF = tuple(f"{end}{of}" for end in ("sohn", "er", "mann", "familie") for of in (" von ", " der "))
_ROLE_BEFORE = lazy_regex.lazy(
    rf"(?i:\b{_ROLE}(?::|,|[ ](?:ist|war|heißt|namens)(?:[ ](?:der|die))?)?[ ]|"
    r"\b(?:hier (?:ist|spricht)(?: der| die)?|ich bin(?: der| die)?|ich,|euer|eure)[ ])$"
)
_AGE = lazy_regex.lazy(r",?[ ]\(?\d{1,3}(?:[ ]?jahre|[ ]?j\b|-?jährig)", re.IGNORECASE)
_INTRODUCED = placeholders.pattern(
    r"(?i:\bmein name (?:ist|lautet)|\bich hei(?:ß|ss)e)[ ]"
    r"(?P<name>[a-zäöüß]{2,20}(?:[ ](?!und\b|aus\b)[a-zäöüß]{2,20}(?=[ ]?(?:[,.;!\n]|$|und\b)))?)(?![^\W_])"
)
_SPOKEN = placeholders.pattern(  # in small letters, too: only behind a usual first name
    r"(?i:\bich bin (?:der |die )?|\bhier (?:ist|spricht) (?:der |die )?|"
    r"\bmein name (?:ist|lautet) |\bich hei(?:ß|ss)e )"
    r"(?P<name>[^\W\d_]{2,20}(?:-[^\W\d_]{2,20})?"
    r"(?:(?:[ ](?i:von|van|zu|de)(?:[ ](?i:der|dem|den|la))?)?(?:[ ][^\W\d_]{2,20}){0,2}))(?![^\W_])"
)
PARTICLES = frozenset({"von", "van", "zu", "de", "der", "dem", "den", "la"})
_SPEAKING = ("ich bin ", "hier ist ", "hier spricht ", "mein name ", "ich hei")
_BORN = placeholders.pattern(rf"(?P<name>{_CAPITAL}[ ]{_CAPITAL})(?=,?[ ](?:geboren|geb\.|\*)[ ])")
_JOINING = (" und ", " & ", " u. ", " sowie ")
_JOINED = tuple(placeholders.NAME + joining for joining in _JOINING)
_NO_SURNAME = frozenset(
    re.findall(
        r"\S+",
        "haus hausnummer nummer wohnung etage straße polizei feuerwehr schule kita firma verwaltung bescheid "
        "angst beschwerde gruß grüße danke dank hier park markt hof berg tal feld kreuz hilf krefeld hüls "
        "uerdingen fischeln bockum linn oppum traar verberg gartenstadt inrath kliedbruch stahldorf forstwald "
        "gellep elfrath müll sperrmüll spielplatz beruf geburt",
    )
)


def remove(text: str) -> str:
    """``text`` without names that a usual first name or a relation makes certain."""
    if "geb" in text or "*" in text:
        text = placeholders.replace(
            _BORN, lambda found: placeholders.NAME if _may_be_name(found["name"]) else found[0], text
        )
    if _POINTING.search(text) or placeholders.has(text, _OF):
        text = placeholders.replace(_AFTER_ROLE, _without_relation, text)
    if placeholders.has(text, _SPEAKING):
        text = placeholders.replace(_SPOKEN, _without_speaker, text)
    if placeholders.has(text, ("mein name ", "ich hei")):
        text = placeholders.replace(_INTRODUCED, _without_introduced, text)
    kept: list[str] = []
    at = 0
    last = -1  # where the last name ended
    for found in _WORD.finditer(text):
        small = found[0].casefold()
        if found.start() < at or not (small in USUAL or "-" in small):
            continue
        joined = last >= 0 and text[last : found.start()] in _JOINING
        end = _end_of_name(text, found, joined=joined)
        if end:
            kept += (text[at : found.start()], placeholders.NAME)
            at = last = end
    kept.append(text[at:])
    return "".join(kept)


def is_first(word: str) -> bool:
    """Whether ``word`` is a usual first name ("Karl-Heinz", too)."""
    small = word.casefold()
    return small in FIRST or ("-" in small and all(part in FIRST for part in small.split("-")))


def is_named_place(text: str, end: int) -> bool:
    """Whether what goes on behind ``end`` makes a street or a house of the name before it."""
    return _NAMED_PLACE.match(text, end, end + 90) is not None


def is_place(words: str) -> bool:
    """Whether one of ``words`` ends as the names of streets, schools and other places do, or is a district's."""
    return any(_IS_PLACE.fullmatch(word) or word.casefold() in _NO_SURNAME for word in words.split())


def _end_of_name(text: str, found: re.Match[str], *, joined: bool) -> int:
    """Where the name ends that begins with the word ``found``, ``joined`` to another name by "und"; 0 for none."""
    word = found[0]
    first = is_first(word)
    if not ((first or word.casefold() in _LAST) and word[0].isupper()):
        return 0
    before = text[max(0, found.start() - 40) : found.start()]
    if is_named_place(text, found.end()) or _HOLY.search(before):
        return 0
    end = found.end()
    if first and _AGE.match(text, end):
        return end
    related = joined or before.endswith(_JOINED) or _ROLE_BEFORE.search(before) is not None
    if first:
        for _ in range(2):
            rest = _REST.match(text, end, end + 60)
            if rest is None or not rest["word"][0].isupper() or not _may_be_name(rest["word"]):
                break
            end = rest.end()
    return end if related or end > found.end() else 0


def _may_be_name(words: str) -> bool:
    return names.is_name(words) and not is_place(words) and not names.is_matter(words)


def _without_speaker(found: re.Match[str]) -> str:
    """A usual first name goes with the surname behind it, as far as its words are no common ones."""
    first, *others = found["name"].split()
    if not is_first(first) or first == "ernst":
        return found[0]
    end = len(first)
    for word in others:
        if word.casefold() in PARTICLES:
            continue
        if names.is_common(word) or is_place(word) or names.is_matter(word):
            break
        end = found["name"].index(word, end) + len(word)
        if not is_first(word):
            break
    start = found.start("name") - found.start()
    return f"{found[0][:start]}{placeholders.NAME}{found[0][start + end :]}"


def _without_relation(found: re.Match[str]) -> str:
    group = "name" if found["name"] else "child"
    name = found[group]
    if group == "child":
        word = name.casefold()
        known = {word, word.removesuffix("s")} & (FIRST | _LAST)
        return found[0].removesuffix(name) + placeholders.NAME if known else found[0]
    if not _may_be_name(name):
        first, _, rest = name.partition(" ")
        if not rest or not _may_be_name(first):
            return found[0]
        name = first
    start = found.start(group) - found.start()
    rest = found[0][start + len(name) :]
    second = found["second"] or ""
    if second and rest == second and _may_be_name(second.removeprefix(" und ")):
        rest = f" und {placeholders.NAME}"
    return f"{found[0][:start]}{placeholders.NAME}{rest}"


def _without_introduced(found: re.Match[str]) -> str:
    words = found["name"].split()
    if names.is_common(words[0]):
        return found[0]
    kept = words[1:] if len(words) > 1 and names.is_common(words[1]) else []
    start = found.start("name") - found.start()
    return " ".join([found[0][:start] + placeholders.NAME, *kept])

"""How people and mail programs mark quotes, forwards, signatures and footers, in German and English.

Patterns only; ``fresh`` applies them to single lines, and keeps each bounded: no pattern may look further than a line.
"""

import re


def _lines(*choices: str) -> str:
    return f"(?:{'|'.join(choices)})"


_MAIL = r"(?:nachricht|e-?mail|mail)"
_UE = "(?:ü|ue)"
_SS = "(?:ß|ss)"

FORWARD_SUBJECT = re.compile(r"(?i)\s*(?:wg|fwd?|wtr|weitergeleitet|forward)\s*:")
FORWARD_MARK = re.compile(
    r"(?i)[>\s-]*"
    + _lines(
        rf"-{{2,}}\s*(?:weitergeleitete {_MAIL}|forwarded (?:message|mail|by))",
        rf"(?:anfang der weitergeleiteten {_MAIL}|begin forwarded message)\s*:",
        r"weitergeleitete nachricht:?\s*$",
    )
)
ORIGINAL_MARK = re.compile(
    r"(?i)\s*-{2,}\s*"
    + _lines(
        rf"urspr{_UE}ngliche {_MAIL}",
        r"original[- ]?(?:nachricht|message|mail|appointment)",
        r"nachricht von .{0,80}",
        r"reply message",
        r"[^-\n]{1,120}\b(?:schrieb|wrote)",
    )
    + r"\s*-{2,}\s*$"
)
BLOCK_FIELD = re.compile(
    r"(?i)[\s*_>]*(von|gesendet|an|cc|kopie|betreff|datum|gesendet am|from|sent|to|subject|date|antwort an|reply-to|"
    r"van|verzonden|aan|onderwerp|de|envoyé|à|objet|od|wysłano|do|temat|kimden|gönderildi|gönderilen|kime|konu|da|inviato|a|"
    r"oggetto|от|отправлено|кому|тема)\s*\*?:\*?(?:\s|$)"
)
BLOCK_STARTS = frozenset(["von", "from", "gesendet", "sent", "datum", "date", "betreff", "subject", "an", "to"])
BLOCK_STARTS |= {"van", "de", "od", "kimden", "da", "от"}
BLOCK_SENDERS = frozenset(["von", "from", "van", "de", "od", "kimden", "da", "от"])
BLOCK_SUBJECTS = frozenset(
    [
        *("betreff", "subject", "an", "to", "aan", "onderwerp", "à", "objet", "temat", "do", "kime", "konu"),
        *("oggetto", "a", "тема", "кому"),
    ]
)
VERBS: tuple[str, ...] = ("schrieb", "wrote", "writes", "schreibt", "a écrit", "escribió", "ha scritto", "schreef")
VERBS += ("napis", "napsal", "пишет", "написал", "пише", " sent", "yazdı", "geschreven", "skrev", "escreveu")
VERBS += ("gmt+", "utc+")  # "2026-11-23 10:00 GMT+01:00 Petra Beispiel <petra@example.org>:"
VERBS += (" von ", " by ", " от ")  # "20. Nov. 2026, 11:28 von petra@example.org:"
ATTRIBUTION_START = re.compile(
    r"(?i)(?:am|on|den|le|el|il|op|em|vào|dne|w dniu)\b|.{0,120}?(?:<|schrieb|wrote|\bhat am\b|@|\d{4})"
)
ATTRIBUTION = re.compile(
    r"(?i)(?=.{0,400}?(?:@|\d{1,2}[:.h]\d\d|\d{4})).{0,300}?\b"
    + _lines("schrieb", "geschrieben", "wrote", "writes", "schreibt", "a écrit", "escribió", "ha scritto", "schreef")[
        :-1
    ]
    + r"|napisał|napsal|пишет|написал|пише|sent|yazdı|geschreven|skrev|escreveu)\b.{0,200}:\s*$"
    r"|\d{4}-\d\d-\d\d \d\d?:\d\d (?:GMT|UTC)\S{0,9} .{0,200}:\s*$"
    r"|.{0,60}?\d{4}.{0,20}?\b\d{1,2}:\d\d.{0,20}?\s(?:von|by|от)\s.{0,120}@[^\s@]{0,100}:\s*$"
)
OWN_WORDS = frozenset(["ich", "wir", "i", "we"])
"""With one of them "Am 1.10. um 9:00 schrieb ich Ihnen:" is the citizen's own sentence."""
_KIND = _lines(
    r"freundlich\w*",
    r"freundl\.?",
    r"best\w*",
    r"lieb\w*",
    r"viel\w*",
    r"herzlich\w*",
    r"sch(?:ö|oe)n\w*",
    r"nett\w*",
    r"sonnig\w*",
    r"kollegial\w*",
    r"h(?:ö|oe)flich\w*",
    r"winterlich\w*",
)
_THANKS = r"(?:vielen dank|danke|besten dank|herzlichen dank|ich danke ihnen)?(?: im voraus)?[,.!]?\s*(?:und|&)?\s*"
GREETING = re.compile(
    r"(?i)[\s*_]*"
    + _lines(
        rf"{_THANKS}(?:mit\s+)?(?:den\s+)?(?:sehr\s+)?{_KIND}\s+(?:gr{_UE}{_SS}\w*|gru{_SS}\w*)",
        rf"gr{_UE}{_SS}e\b",
        rf"gru{_SS}\b",
        r"(?:mfg|lg|vg|bg)\b",
        r"m\.\s?f\.\s?g\.",
        r"hochachtungsvoll",
        rf"es gr{_UE}{_SS}t",
        rf"mit (?:vorz{_UE}glicher |besonderer )?hochachtung",
        r"(?:with\s+)?(?:kind(?:est)?|best|warm(?:est)?|many)?\s*regards\b",
        r"(?:yours\s+)?(?:sincerely|faithfully|truly)(?:\s+yours)?\b",
        r"best wishes",
        r"cheers\b",
        r"(?:met )?(?:vriendelijke|hartelijke) groe(?:t|ten)\b",
        r"(?:z )?(?:poważaniem|pozdrowieniami)\b|pozdrawiam",
        r"(?:saygılarımla|saygılar|iyi günler)\b",
        r"(?:bien )?cordialement\b|salutations",
        r"(?:cordiali|distinti) saluti|saludos|un saludo|atentamente|com os melhores cumprimentos",
        r"(?:med )?(?:vänlig|venlig|vennlig)\w* (?:hälsning|hilsen)\w*|cu stimă|s pozdravem",
        r"с уважением|з повагою|με εκτίμηση|مع التحية",
    )
)
LONGEST_GREETING = 9
"""Words; "Viele Grüße haben mich erreicht, als ..." is no greeting."""
MOBILE = re.compile(
    r"(?i)[\s*_>-]*"
    + _lines(
        rf"(?:diese {_MAIL} wurde )?(?:von|mit) (?:meinem|meiner|der|mobil\w*|unterwegs)\b.{{0,80}}\bgesendet",
        r"gesendet (?:von|mit|aus|über)\b.{0,100}",
        r"von (?:iphone|ipad|samsung|android|mobil)\w*.{0,60}gesendet",
        rf"diese {_MAIL} wurde (?:von|mit)\b.{{0,100}}\bgesendet",
        r"(?:unterwegs|mobil) gesendet",
        r"sent (?:from|via|with|by) .{0,100}",
        r"get outlook for .{0,80}",
        rf"(?:holen sie sich |laden sie )?outlook f{_UE}r (?:ios|android).{{0,60}}",
        r"(?:virenfrei|virus-free)\..{0,60}",
        r"yahoo mail.{0,60}",
        r"envoyé de mon .{0,60}",
    )
    + r"[.\s*_]*$"
)
_PRIVATE = "(?:vertraulich|ausschlie|bestimmt|virus|viren|avast|adressat)"
DISCLAIMER = re.compile(
    r"(?i)[\s*_>!-]*"
    + _lines(
        r"(?:wichtiger )?hinweis\s*:?\s*(?:diese|dieses)\b",
        rf"dieses? (?:{_MAIL}|information|schreiben) (?:ist|kann|und|enth|einschl|wurde|inkl|sowie|k)\w*"
        rf".{{0,160}}{_PRIVATE}",
        rf"der inhalt dieser {_MAIL}",
        r"(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication)\b"
        r".{0,200}(?:confidential|privileged|intended|virus)",
        r"(?:vertraulichkeitshinweis|haftungsausschluss|disclaimer|confidentiality notice)\b",
        r"(?:bitte )?(?:denken|prüfen|drucken|überlegen|schonen) sie.{0,80}(?:umwelt|ausdruck|gedruckt|drucken)",
        r"(?:bitte )?.{0,20}umwelt.{0,60}ausdruck",
        r"please consider the environment",
        r"think before you print",
        r"(?:informationen|hinweise) (?:zum|zur|über den) (?:datenschutz|verarbeitung).{0,120}(?:https?:|www\.)",
    )
)
_FOREIGN = _lines(
    *(r"ce (?:message|mail|courriel)", "le présent", "pensez", "avant d.imp", "n.imprimez"),
    *("dit (?:bericht|e-?mail)", "deze (?:e-?mail|mail)", "de inhoud van", "denk aan", "tip: denk"),
    *("questo messaggio", "questa e-?mail", "il presente", "prima di stampare"),
    *("este (?:mensaje|correo)", "antes de imprimir", "esta mensagem"),
    *("bu (?:e-?posta|mesaj)", "lütfen", "ta wiadomość", "niniejsz", "treść tej", "zanim wydruk"),
    *("toto", "tento", "tato", "это ", "эта ", "данно", "настоящ", "це ", "цей ", "αυτό", "το παρόν"),
    *("denne ", "detta ", "dette ", "ez az", "ez a ", "tämä ", "acest", "this e-?mail", "the content"),
)
ABOUT_THIS_MAIL = re.compile(rf"\n[ \t*_>!-]*(?=[abcdeilnpqtuzABCDEILNPQTUZεэднцтαΑТЭДНЦ])(?i:{_FOREIGN})")
"""How a disclaimer begins in other languages; a line behind it is one if ``CONFIDENTIAL`` says so."""
CONFIDENTIAL = re.compile(
    r"(?i)confiden[ctz]i|vertrouwelij|vertraulich|poufn|riservat|gizli|privileged|intended (?:only|solely)|důvěrn|"
    r"bizalmas|fortroli|luottamuks|конфиденц|конфіденц|εμπιστευτ|سري|tajn|geadresseerde|destinataire|destinatario|adresat|"
    r"environment before|milieu voor|l'environnement avant|l'ambiente prima|medio ambiente antes|drukuj|çevreyi düşün"
)
"""A line behind a greeting with one of these words begins a disclaimer, in whatever language."""
SMALL_WORD = re.compile(r"[a-zäöüß]{2}")
SENTENCE_END = re.compile(r"[.!?]")
POSTSCRIPT = re.compile(r"(?i)\s*(?:p\.?\s?s\.?|nb|nachtrag)\s*[:.,\s]")
ANSWER_MARK = re.compile(
    r"(?i)[ \t]*(?:"
    + _lines(
        *(">>+", "[-=]{1,3}>+", "[→⇒➔➡►▶]+", r"\[[^\W\d_][\w .-]{1,30}\]:?"),
        r"(?:(?:meine |unsere |my )?(?:antwort|answer)(?: von [^:]{1,40})?\s*:)",
    )
    + r"[ \t]*)+"
)
"""What people set before an answer that they write into an earlier message: arrows, their name, the word itself."""
ANSWERS_BELOW = re.compile(
    r"(?i)\b(?:siehe|s\.|antwort\w*|anmerkung\w*|kommentare?|ergänzung\w*|answers?|comments?|see|replies)\b.{0,40}"
    r"(?:\bunten|\bu\.|\bin (?:rot|blau|grün|fett|red|blue|bold)\b|farbig|\bim (?:text|original)|\bin ihrer mail|"
    r"\binline|\bbelow)"
)
"""That the answers stand in the earlier message, of which nothing tells them apart then."""
LETTER = re.compile(r"[^\W_]")
GAP = re.compile(r"\n{3,}")
RULE = re.compile(r"[\s_=*~#.-]*+$")

COLON = re.compile(r":[^\S\n]*+(?:\n|\Z)")
SIGN = re.compile(
    # One pass finds the few lines that are worth a closer look.
    r"(?i)\n(?:(?P<special>>(?:[^\n]*+\n>)*+|--[ \t]*(?:\n|$))|[ \t*_~]{0,8}"
    + _lines(
        r"(?P<greeting>"
        + _lines(
            *("mit", "viele", "liebe", "beste", "freundl", "herzlich", "sch(?:ö|oe)n", "nette", "sonnige", "winterl"),
            *("h(?:ö|oe)fl", "kolleg", "danke", "ich danke", "im voraus", "gru", f"gr{_UE}", "mfg", "lg", "vg", "bg"),
            *(r"m\.", "hochacht", "es gr", "und ", "with", "kind", "warm", "many", "regards", "yours", "sincer"),
            *(
                "faithf",
                "truly",
                "cheers",
                "best",
                "met ",
                "vriend",
                "hartel",
                "z pow",
                "z poz",
                "poz",
                "saygı",
                "iyi g",
            ),
            *("bien c", "cordi", "salu", "disti", "un sal", "atent", "com os", "med ", "vän", "ven", "cu st", "s poz"),
            *("с ув", "з пов", "με ε", "مع ا"),
        )
        + ")",
        r"(?P<history>"
        + _lines(
            r"(?:von|from|gesendet|sent|datum|date|betreff|subject|an|to|van|de|od|kimden|da|от) ?\*?:",
            *("-{2,} ?[a-z]", "anfang der", "begin f", "weitergel"),
        )
        + ")",
        r"(?P<footer>"
        + _lines(
            *("gesendet", "von ", "diese", "sent ", "get o", "holen", "laden", "outlook", "virenf", "virus", "yahoo"),
            *("envoy", "der inh", "this ", "the inf", "vertraul", "haftung", "disclaimer", "confid", "wichtig"),
            *("hinweis", "bitte", "denken", "prüfen", "drucken", "überlegen", "schonen", "umwelt", "please", "think"),
            *("informat", "mobil", "unterwegs"),
        )
        + ")",
    )
    + ")"
)

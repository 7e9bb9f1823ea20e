"""The German that bodies write back, as patterns over folded text (small letters, ae oe ue ss, single blanks).

Patterns of verbs and nouns are kept apart from what turns them round: negation, future, condition, question, doubt.
All repetition is bounded, so that hostile text costs no more than other text.
"""

import re
import unicodedata
from collections.abc import Sequence

from intake.base import umlauts

_QUOTES = str.maketrans({"„": '"', "“": '"', "’": "'"})


def fold(text: str) -> str:
    """``text`` in small letters, umlauts written out, blanks single; line ends stay."""
    plain = umlauts.written_out(unicodedata.normalize("NFC", text).replace("\u00ad", "")).translate(_QUOTES)
    plain = re.sub(r"\bz\. ?zt?\.", "zurzeit", re.sub(r"\bn\. ?z\.", "nicht zustaendig", plain))
    plain = re.sub(r"\b(heute|gestern) (?:morgen|frueh)\b", r"\1", plain)
    return re.sub(r"[^\S\n]+", " ", plain).strip()


def names(folded: str, identity: str, spoken: str) -> bool:
    """Whether a body is named: by its short name or by the first word of its name."""
    words = [fold(identity), *(word for word in fold(spoken).split()[:1] if len(word) > 3)]
    return any(re.search(rf"\b{re.escape(word)}\b", folded) for word in words)


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


# What has been done. The first group reads the same as the present tense ("die Kolonne erledigt das").
_BOTH = _any("erledigt beseitigt entfernt entsorgt repariert entleert ersetzt erneuert verfuellt uebermalt bereinigt")
_PARTICIPLES = _any(
    "behoben instandgesetzt abgeholt abgefahren abtransportiert geraeumt weggeraeumt aufgeraeumt abgeraeumt gereinigt "
    "gesaeubert geleert ausgetauscht ausgewechselt gewechselt geflickt ausgebessert gefaellt zurueckgeschnitten "
    "geschnitten gemaeht eingesammelt aufgesammelt weggemacht weggebracht mitgenommen abgeschleppt ueberstrichen "
    "abgestreut gestreut gefegt gekehrt freigespuelt abgeschlossen fertiggestellt fertig durchgefuehrt gemacht "
    "geschlossen sauber ausgefuehrt aufgenommen abgearbeitet abgesaugt abgedichtet freigeschnitten geborgen"
)
BOTH = re.compile(rf"\b{_BOTH}\b")
PARTICIPLE = re.compile(rf"\b(?:{_BOTH}|{_PARTICIPLES}|instand gesetzt|wieder zu)\b")
PRESENT = re.compile(rf"\b{_BOTH} (?:das|es|dies|den|die|ihn|sie|alles|der|wir|er|sich)\b")
DONE_PHRASE = re.compile(
    r"\b(?:ist|sind|war|waren|alles|schon|bereits|inzwischen|jetzt) (?:\w+ ){0,3}weg\b"
    r"|\b(?:ist|sind) (?:\w+ ){0,3}wieder (?:in ordnung|sauber|frei|befahrbar|an|intakt|einwandfrei|dicht|heil|"
    r"leer|ganz)"
    r"\b|\b(?:laeuft|brennt|leuchtet|funktioniert|geht|steht) (?:\w+ ){0,3}wieder\b(?! nicht| mal)(?: einwandfrei)?"
    r"|\bhat sich (?:\w+ ){0,3}erledigt\b"
    r"|\b(?:schlag)?l(?:o|oe)ch(?:er)? (?:ist|sind|wieder) (?:\w+ ){0,2}zu\b"
    r"|\b(?:kann|koennen)(?: \w+){0,5}? (?:geschlossen|abgeschlossen|als erledigt \w+) werden\b"
    r"|\bkoennen(?: \w+){0,5}? (?:schliessen|abschliessen|als erledigt betrachten)\b"
)
GONE = re.compile(  # negation that means: it is gone
    r"\bnichts mehr (?:da|vorhanden|vorgefunden|zu sehen|gefunden|dort|vor ort|festzustellen|zu finden)\b"
    r"|\b(?:liegt|lag|ist|war)(?: \w+){0,3} nichts mehr(?: da| dort| vor ort)?(?=$|[,.!])"
    r"|\bnicht mehr (?:da|vorhanden|dort|vor ort|zu sehen|zu finden|vorzufinden|vorgefunden|anzutreffen)\b"
    r"|\bkeine?[nr]? (?:\w+ )?(?:muell|abfaelle?|unrat|sperrmuell|ablagerung(?:en)?|saecke|sack|scherben|spritzen?|"
    r"matratzen?|moebel|schaden|schaeden|oel|kadaver|ratten|fahrzeuge?|roller|fahrraeder)"
    r" mehr(?: da| vorhanden| vor ort| vorgefunden| zu sehen| gefunden)?\b"
)
LOOKED = re.compile(
    r"\b\w*(?:kontroll|pruef|besichtig|ortstermin|bild|foto|gedanken|meldung|anzeige|hinweis|notiz)\w*"
)
AUXILIARY = re.compile(
    r"\b(?:ist|sind|war|waren|wurden?|wurde|haben|hat|habe|worden|hatten?|konnten?|gelten|gilt|bin|hab|is)\b"
)
BY = re.compile(
    r"\b(?:durch|von|vom|mit|seitens) (?:\w+ ){0,3}?\w*(?:kolonne|firma|team|fahrer|bauhof|trupp|kollegen)\b"
)
SUBJECT = re.compile(
    r"\b(?:das|es|dies|wir|ich|er|sie|man|\w*kolonne|\w*firma|kolleg\w+|team|fahrer|bauhof|mitarbeiter\w*|trupp|"
    r"unternehmen|dienstleister|bereitschaft)\b"
)

# What has been set going.
COMMISSIONED = re.compile(
    r"\bbeauftragt\b|\bin auftrag\b|\ban (?:[\w.]+ ){1,4}vergeben\b|\bauftr\w{0,3}ge? (?:[\w.]+ ){0,6}?(?:erteilt|"
    r"raus|vergeben|erstellt|angelegt|"
    r"gegeben|"
    r"ausgeloest|geschrieben)\b|\bin (?:arbeit|bearbeitung|planung|der mache)\b"
    r"|\b(?:eingeplant|eingetaktet|vorgemerkt|vorgesehen|terminiert|disponiert|geplant|veranlasst|veranlassen|"
    r"veranlasse|eingestellt|angewiesen)\b"
    r"|\btermin (?:ist |steht |am |fuer |im |in |kw |den |(?:mo|di|mi|do|fr|sa)\w*[.,]? )*(?:\d|kw|montag|"
    r"dienstag|mittwoch|"
    r"donnerstag|freitag|samstag|naechste|kommende)"
    r"|\bkommt (?:am |erst )?(?:naechste woche|kommende woche|diese woche|morgen|uebermorgen|montag|dienstag|mittwoch|"
    r"donnerstag|freitag|samstag)\b"
    r"|\bkuemmer[en]* (?:\w+ ){0,3}(?:uns|mich|sich)\b|\bkuemmern wir\b"
    r"|\b(?:nehmen|nimmt|kommt|steht|ist|aufgenommen) (?:\w+ ){0,4}(?:auf|in) (?:die|der|unserer?|den) (?:\w+ )?"
    r"(?:tour|liste|route|plan|tourenplan|tourenplanung|arbeitsliste)\b"
    r"|\bauf dem weg\b|\bunterwegs\b|\b(?:faehrt|fahren|kommt|kommen) (?:\w+ ){0,5}(?:raus|hin|vorbei)\b"
    r"|\bschicke?n? (?:\w+ ){0,3}(?:jemanden|kolonne|kollegen|wagen|trupp|raus|team|fahrer|techniker)\b"
    r"|\b(?:\w*kolonne|\w*trupp|fahrer|team|kolleg\w+|\w*firma|unternehmen|dienstleister|bereitschaft|\w*dienst|"
    r"bauhof|\w*betrieb|techniker)\b(?: \w+){0,4} (?:informiert|verstaendigt|benachrichtigt|los|alarmiert|"
    r"losgeschickt|rausgeschickt|geschickt)\b"
    r"|\b(?:weitergegeben|weitergereicht|weitergeleitet)\b|\bnehmen (?:\w+ ){0,4}mit\b"
    r"|\b(?:kommt|geht|kommen|gehen) (?:\w+ ){0,3}(?:weg|raus)\b|\bbin dran\b|^abfuhr (?:am|morgen|heute)\b"
)
_INFINITIVES = _any(
    "beauftragen erledigen beseitigen entfernen reinigen reparieren raeumen machen uebernehmen leeren tauschen "
    "bearbeiten "
    "entsorgen beheben abholen holen saeubern schneiden ausbessern austauschen wegraeumen aufraeumen abfahren streuen "
    "auswechseln mitnehmen einsammeln faellen erneuern ersetzen angehen abarbeiten fegen flicken verfuellen maehen"
)
WE_DO = re.compile(
    rf"\b(?:wir|die kollegen|die kolonne) (?:\w+ ){{0,4}}{_INFINITIVES}\b|\b{_INFINITIVES} (?:wir|die kollegen)\b"
    r"|\b(?:erledige|beseitige|uebernehme|mache|repariere|reinige) ich\b|\bich (?:erledige|beseitige|uebernehme|"
    r"mache)\b"
    r"|\bgeht (?:klar|in ordnung)\b|\bwird gemacht\b|\bsind (?:wir )?dran\b|\bwird (?:\w+ ){0,4}bearbeitet\b"
    r"|\b(?:abholung|reparatur|beseitigung|reinigung|entfernung|raeumung|leerung|erledigung|austausch|instandsetzung) "
    r"(?:\w+ ){0,3}(?:erfolgt|am|morgen|heute|ist fuer|in der|naechste)\b|\berfolgt (?:am|morgen|heute|naechste|"
    r"zeitnah"
    r"|umgehend|in|im|noch|kommende)\b"
)
WILL_DO = re.compile(rf"\b(?:wird|werden|werde) (?:[\w.]+ ){{0,9}}?{_INFINITIVES}\b")
NOT_DONE = re.compile(
    rf"\b(?:nicht|nichts|kein\w*) (?:\w+ ){{0,4}}?(?:{_BOTH}|{_PARTICIPLES}|{_INFINITIVES}|moeglich|machbar|"
    rf"helfen|tun|"
    r"unternehmen|taetig werden|taetig)\b"
)
HABIT = re.compile(
    r"\b(?:regelmaessig\w*|taeglich\w*|woechentlich\w*|turnus\w*|immer|jede\w|grundsaetzlich|in der regel)\b"
)
FUTURE = re.compile(
    r"\b(?:wird|werden|werde|soll|sollen|morgen|uebermorgen|naechste\w*|kommende\w*|demnaechst|bald|zeitnah|kuerze|"
    r"umgehend|schnellstmoeglich|gleich|nachher|noch heute|heute noch|im laufe|diese woche noch|ab (?:montag|dienstag|"
    r"mittwoch|donnerstag|freitag)|bis (?!auf\b|jetzt\b|heute\b)(?:zum |spaetestens )?\w+)\b"
)
CAN_ONLY = re.compile(r"\b(?:kann|koennen) (?:\w+ ){0,3}erst\b")

# Not theirs.
_OURS = (
    r"(?:strasse|strassen|bereich|gebiet|flaeche|flaechen|zustaendigkeit|zustaendigkeitsbereich|aufgabe|aufgaben|"
    r"aufgabenbereich|sache|baustelle|bier|revier|bezirk|netz|lampe|leuchte|laterne|eigentum|grundstueck|park|"
    r"gruenflaeche|baum|baeume|container|papierkorb|tonne|problem|thema|gelaende|spielplatz|auftrag|"
    r"einsatzgebiet|ressort|"
    r"objekt|anlage|mast|kanal|platz|weg|wege|gehweg|schild|ampel|schacht|geschaeft|kompetenz)\w{0,2}"
)
_OTHERS = (
    r"(?:stadt|gemeinde|eigentuemer\w*|grundstueckseigentuemer\w*|bahn|deutsche bahn|db|polizei|bundespolizei|"
    r"strassen\.?nrw|autobahn gmbh|fachbereich|fb|ordnungsamt|tiefbauamt|gruenflaechenamt|hausverwaltung|"
    r"vermieter\w*|anlieger\w*|land|bund|telekom|kommunalbetrieb\w*|netzgesellschaft|kollegen (?:vom|der|des)|"
    r"abteilung|amt|bauaufsicht|umweltamt|feuerwehr|verkehrsueberwachung|entsorger|betreiber\w*|kirche|sportverein)"
)


def elsewhere(called: Sequence[str]) -> re.Pattern[str]:
    """Others who may be responsible: offices, owners, and the bodies as they are ``called`` (folded words)."""
    return re.compile(rf"\b{_elsewhere(called)}\b")


def refused(called: Sequence[str]) -> re.Pattern[str]:
    """That the body is not responsible, or who is; the bodies as they are ``called`` (folded words)."""
    elsewhere, body = _elsewhere(called), _body(called)
    return re.compile(
        r"\bnicht (?!nur\b|allein\b|sicher\b|klar\b|bekannt\b|ausschliesslich\b|un)(?:\w+ ){0,4}?zustaendig\b"
        r"|\bunzustaendig\b|\bkein(?:e|erlei)? (?:\w+ )?zustaendigkeit\b|\bkeine angelegenheit\b"
        rf"|\b(?:nicht|keine?) (?:mehr |in |auf |im |zu |von |fuer |um |das |die |der )?(?:unser\w*|meine?\w*) "
        rf"(?:\w+ )?{_OURS}\b"
        r"|\bnicht (?:unser\w?|unsere)\b(?=$|[,.])"
        r"|\b(?:faellt|liegt|gehoert|gehoeren|ist|sind|betrifft) (?:\w+ ){0,3}?nicht (?:\w+ )?(?:in unser\w*|bei "
        r"uns|zu uns"
        r"|uns|fuer uns|unter unser\w*|zu unser\w*|in (?:den|die) zustaendigkeit\w*)(?: \w*(?:bereich|"
        r"zustaendigkeit\w*|gebiet|aufgaben\w*|netz|bestand))?\b"
        rf"|\bzustaendig (?:\w+ ){{0,3}}?(?:ist|sind|waere|waeren)? ?(?:\w+ ){{0,3}}?{elsewhere}\b"
        rf"|\b(?:ist|sind|waere) (?:\w+ ){{0,3}}?{elsewhere} (?:\w+ ){{0,3}}?zustaendig\b"
        rf"|\bzustaendigkeit (?:\w+ ){{0,3}}?(?:bei|beim|der|des) (?:\w+ )?{elsewhere}\b"
        rf"|\b(?:ist|waere) (?:eher )?(?:sache|aufgabe) (?:\w+ )?{elsewhere}\b"
        rf"|\b(?:gehoert|unterliegt|liegt) (?:\w+ ){{0,2}}?(?:dem |der |den |zum |zur |bei |beim )?"
        rf"(?:\w+ )?{elsewhere}\b"
        rf"|\bbitte (?:\w+ ){{0,6}}?(?:an|beim?|zu[mr]?) (?:\w+ )?{elsewhere}\b(?: \w+){{0,3}}"
        rf"|\b(?:wenden|richten) sie sich (?:\w+ ){{0,3}}?an (?:\w+ )?{elsewhere}\b"
        rf"|\ban (?:den|die|das) {elsewhere} (?:\w+ )?(?:wenden|richten|schicken|geben|abgeben|weitergeben)\b"
        rf"|\b{elsewhere}(?: \w+)? (?:zustaendig|anschreiben|fragen|ansprechen|kontaktieren)\b"
        rf"|\bmacht (?:doch )?(?:\w+ )?{elsewhere}\b|\bmuss (?:\w+ )?{elsewhere} (?:ran|machen|hin|tun)\b"
        r"|\bnicht (?:der|die|das) richtige[nr]?\b(?: \w+)?|\bnichts zu tun\b|\bkein(?:e|en)? oeffentliche\w* \w+"
        r"|\b(?:betrifft|angeht|geht) uns nicht(?: an)?\b"
        r"|\bfalsche[rn]? (?:stelle|adresse|abteilung|ansprechpartner\w*|empfaenger|adressat|amt|betrieb)\b"
        r"|\b(?:bei uns|hier) (?:\w+ )?(?:falsch|verkehrt)\b|\bfalsch (?:bei uns|adressiert|zugeordnet)\b"
        r"|\birrlaeufer\b"
        rf"|\b(?:geben|gebe|gehen?) (?:\w+ ){{0,4}}(?:zurueck|retour)\b"
        rf"|\bzurueck an (?:sie|(?:den |die |das )?{body})\b"
        r"|\bprivat(?:grund|gelaende|flaeche|grundstueck|eigentum|strasse|weg|parkplatz)\w{0,3}\b|\bbahngelaende\b"
    )


def _elsewhere(called: Sequence[str]) -> str:
    return f"(?:{_OTHERS}|{_body(called)})"


def _body(called: Sequence[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, called))})" if called else "(?!)"


# Questions.
QUESTION = re.compile(
    r"\brueckfrage\b|\bwo genau\b|\bwelche[rsn]? (?:\w+ )?(?:hausnummer|stelle|strasse|seite|laterne|container)\b"
    r"|\b(?:bitte|koennen|koennten|moechten|wuerden) (?:\w+ ){0,12}?(?:mitteilen|nennen|angeben|konkretisieren|"
    r"praezisieren|ergaenzen|nachreichen|zusenden|beschreiben|mitgeteilt|durchgeben|uebermitteln|nachfragen|klaeren|"
    r"schicken sie uns|teilen sie uns)\b|\b(?:teilen|schicken|senden|nennen|geben) sie (?:uns|mir)\b"
    r"|\b(?:benoetigen|brauchen|braeuchten|fehlt|fehlen|bitten um|erbitten|bitte um|hilfreich) (?:\w+ ){0,10}?\w*"
    r"(?:hausnummer|angaben?|info\w*|foto\w*|bild\w*|standort|adresse|mastnummer|beschreibung|telefonnummer|lage|"
    r"koordinaten|details|genauere\w*|naehere\w*|ortsangabe)\b"
    r"|\b(?:genaue|genauere|naehere) (?:\w+ )?(?:angaben?|adresse|ort\w*|hausnummer|beschreibung) (?:\w+ ){0,2}"
    r"(?:fehlt|fehlen|noetig|erforderlich|erbeten|bitte)\b"
)

# What turns a saying round or leaves it in doubt.
NEGATION = re.compile(
    r"\b(?:nicht|nichts|kein\w*|nie|niemals|nirgends|weder|ohne|unerledigt|un(?:moeglich|klar|geklaert)|nein|niemand|"
    r"fehlanzeige|erfolglos|vergeblich|vergebens|verweigert|misslungen|gescheitert|abgelehnt|ablehnen|storniert|"
    r"zurueckgestellt|kaum|nich|nit|net|nix|nee|ned|nimmer|jein)\b"
)
CONDITION = re.compile(
    r"\b(?:wenn|falls|sobald|sofern|soweit|ob|bevor|ehe|solange|sollten?|angenommen|vorausgesetzt)\b|^als\b"
)
MODAL = re.compile(
    r"\b(?:muss|muessen|muesste\w*|sollte\w*|koennte\w*|duerfte\w*|moechte\w*|kann|koennen|wuerde\w*|waere\w*|"
    r"haette\w*|"
    r"vermutlich|wahrscheinlich|angeblich|eventuell|evtl|vielleicht|scheinbar|anscheinend|wohl|hoffentlich|darf|"
    r"duerfen"
    r"|gilt es|laesst sich|lassen|bitten|bittet|bitte|fast|nahezu|beinahe|eigentlich)\b"
)
PARTIAL = re.compile(
    r"\b(?:teilweise|zum teil|teils|grossenteils|groesstenteils|nur|bis auf|ausser|lediglich|bloss|ein teil|"
    r"rest|restliche\w*|erste\w*|"
    r"vorlaeufig|provisorisch|notduerftig|weitgehend|haelfte|einige|zunaechst|vorerst|erst|halb|noch|heute wieder|"
    r"erneut|immer wieder|schon wieder|teilgereinigt|versucht)\b"
)
ONLY = re.compile(r"\b(?:nur|lediglich|bloss)\b")
HEDGE = re.compile(
    r"\b(?:denke|denken|glaube|glauben|meine|meinen|meines wissens|soviel ich|soweit ich|nehme an|nehmen an|davon aus|"
    r"vermute|hoffe|hoffen|so gut wie|von wegen|laut|angeblich|behauptet|heisst es|heisst|stimmt|versehen|"
    r"versehentlich|"
    r"irrtum|irrtuemlich|zu haben|schoen waere|storniert|abgesagt|zurueckgezogen|angenommen|scheint|dauern|behaupten|"
    r"sagt|sagte|offenbar|ironisch|als ob|korrektur|falsch)\b"
)
AGAINST = re.compile(r"\b(?:aber|jedoch|trotzdem|dennoch|allerdings|obwohl)\b")
CONTRAST = re.compile(
    r"\b(?:aber|jedoch|allerdings|sondern|trotzdem|dennoch|obwohl|hingegen|dagegen|weiterhin|nach wie vor|immer noch|"
    r"erneut|neue[rsn]?|wieder|leider|statt\w*|anders|ander\w+|uebrig\w*|zwar|doch|zurueck)\b"
)
_SHORT = (
    "kein kann erst noch aber muss nur drum tote toter frei leer voll heil moin ggf evtl restlos selbst "
    "ab alle allem allen aller alles als also am an auch auf aus bei beim bin bis da dabei damit dann das dass "
    "dem den "
    "der des die dies diese diesen dort durch ein eine einem einen einer eines er es etwa fuer gegen gerne gern ganz "
    "ging gut hab habe haben hat hatte heute heut hier hin ich ihm ihn ihr ihre im in ins info ist is ja jetzt "
    "kam kamen "
    "kw lag lagen laut links mal man mehr mit nach nun ob oben ok okay per pro rein rund samt sehr seit sich "
    "sie sind so "
    "somit sowie sued uhr um und uns unser unten unter vom von vor waren war was weg weil wie wir wird woche "
    "wurde wurden zu "
    "zum zur zwei drei vier eins ihnen danke dank bitte damit gleich raus los mich mir dazu davon dran ostern "
    "nord west "
    "ost nr str bzw ca fa km kg cbm qm sack saecke muell ast baum auto loch glas bank lampe tonne laub eis oel "
    "tier ratte "
    "reh hund katze taube schild gully rest moebel sofa fb rkl kolonne lg mfg gruss klar i a v "
    "z b d h u "
    "zaun weg wege platz park tag tage tagen monat jahr frueh abend mittag stand foto fotos team trupp firma ort orts "
    "stelle boden asphalt zeit anruf soll geht kommt kommen geben gehen faehrt fahren nimmt holt holen macht "
    "mache machen "
    "steht liegt legt mo di mi do fr sa so jan feb maerz april mai juni juli aug sept okt nov dez haus"
)
SHORT = frozenset(_SHORT.split())
"""Short words that are known to turn nothing round. Another one in small letters ("nit", "wär") leaves it in doubt."""
EVERYTHING = re.compile(r"\b(?:alles|alle|saemtliche|komplett|gesamte liste|ganze liste|beide)\b")
AUTOMATIC = re.compile(
    r"\bautomatisch\w* (?:\w+ )?(?:generiert\w*|erstellt\w*|e-?mail|antwort|nachricht|versandt|erzeugt\w*)\b"
    r"|\bihre? (?:\w+ )?(?:anfrage|nachricht|e-?mail|meldung|anliegen|mitteilung)\b(?: \w+){0,4} "
    r"(?:eingegangen|registriert|erfasst|erhalten|aufgenommen worden)\b|\bticket(?:nummer|-?id| ?#)|"
    r"\beingangsbestaetigung\b"
    r"|\babwesend\b|\babwesenheit\b|\bnicht im (?:buero|hause?|dienst)\b|\bausser haus\b|\bim urlaub\b|\bnicht "
    r"am platz\b"
    r"|\bwieder (?:\w+ ){0,3}erreichbar\b|\bpostfach wird nicht\b|\bin dringenden faellen\b"
)
RECEIVED = re.compile(
    r"(?:(?:ok|okay|o\.k|danke|dankeschoen|vielen dank|besten dank|herzlichen dank|dank|verstanden|alles klar|"
    r"zur kenntnis genommen|kenntnis genommen|erhalten|eingegangen|angekommen|notiert|gelesen|gesehen|in "
    r"pruefung|wird geprueft|"
    r"wir|ich|pruefen|pruefe|schauen|schaue|sehen|uns|mir|das|es|den|die|der|an|hinweis|meldung|nachricht|fuer|"
    r"ihre|ihren|"
    r"haben|habe|ist|wurde|bei|zur|kenntnis|genommen|info|information|mail|e-mail|wird|geprueft|gern|gerne|und|hier|"
    r"weiter|gehen|nach|dem|nachgehen|gegeben|vor|ort|einmal|mal)(?: |$|, ?|,$))+"
)

# What says nothing: greetings, thanks, offers to help, small print.
NOTHING = re.compile(
    r"\bguten morgen\b|\b(?:einen )?(?:schoenen|guten) (?:tag|abend|feierabend)(?: noch)?\b|\bhallo(?: "
    r"\w+){0,3}(?=,|$)"
    r"|\bmoin\b|\bsehr geehrte(?:r)? [^,]{0,60}|\bliebe[rs]? (?:kolleg|frau|herr|team|damen)[^,]{0,50}"
    r"|\b(?:vielen|besten|herzlichen|lieben|schoenen) dank (?:fuer|im voraus)(?: (?:die|den|das|ihre?n?|"
    r"deine?n?|eure?n?))?"
    r"(?: \w+){1,2}|\bdanke (?:fuer|fuers)(?: (?:die|den|das|ihre?n?|eure?n?))?(?: \w+){1,2}"
    r"|\b(?:bei|fuer|zu) (?:weiteren |etwaigen |evtl\. |eventuellen )?(?:rueck)?fragen\b[^.!?\n]*"
    r"|\bkeine (?:weiteren )?(?:rueck)?fragen\b|\b(?:rueck)?fragen (?:gern\w*|bitte) an\b[^.!?\n]*"
    r"|\b(?:wir )?bitten (?:\w+ ){0,3}(?:um verstaendnis|zu entschuldigen)\b|\bbitte um verstaendnis\b"
    r"|\bsie koennen den vorgang\b(?= schliessen)"
    r"|\bbitte (?:kuenftig|zukuenftig|in zukunft|(?:beim )?naechstes? mal)\b[^.!?\n]*"
    r"|,? ?\b(?:voraussichtlich |vorauss\. )?fertig(?:stellung)?:? "
    r"(?:ca\.? |bis |am |voraussichtlich |etwa |in |kw )*\d[\d.]*"
)
SMALL_PRINT = re.compile(
    r"vertraulich|irrtuemlich|rechtlich geschuetzt|unbefugt|datenschutz|umwelt\b|ausdruck|geschaeftsfuehr|amtsgericht|"
    r"\bhrb\b|aufsichtsrat|sitz der gesellschaft|ust-?id|iphone|gesendet mit|von unterwegs gesendet|outlook fuer"
)


def closing(called: Sequence[str]) -> re.Pattern[str]:
    """A line that ends a letter; the bodies as they are ``called`` (folded words)."""
    return re.compile(
        r"(?:mit )?(?:freundliche[nmr]?|viele|beste[nr]?|liebe|schoene|herzliche|kollegiale\w?) gr(?:ue|u)(?:ss|"
        r"s)\w*\b.*|mfg\b.*|"
        r"[lv]g\b.*|gruss\b.*|gruesse\b.*|i\. ?a\.?.*|im auftrag\W*|i\. ?v\..*|--+.*|"
        rf"ihr\w? (?:team|{_body(called)})\b.*"
    )

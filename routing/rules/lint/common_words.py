"""Words that stand in letters about anything, and common names: a keyword that finds one of them finds too much.

Written by us for this purpose, from no list or dictionary: words of everyday letters to an office, words in which a
topic seems to hide and does not (gleiche, Ausschuss, Urlaub …), and surnames anybody in the Rhineland knows.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.split()))


WORDS = _words(
    """
    ab abend abends aber absender abteilung ach adresse ähnlich allein aller allerdings alles allgemein als also
    alter am an anbei anderen anders anfang anfrage angabe angebot angelegenheit angerufen anlässlich anliegen
    ansehen ansicht ansonsten ansprechpartner antrag antwort anwohner anzahl arbeit arbeiten arbeitstag auch auf
    aufgabe aufgefallen auge augen ausdruck außen außerdem außerhalb ausgang auskunft aussage bahn bald bank beamte
    beantworten bearbeiten bearbeitung bedarf bedeutet beendet befinden befindet beginn bei beide beigefügt beim
    beispiel bekannt bekommen bemerkt bequem bereich bereits berichten beruf bescheid besonders besser beste
    bestimmt besuch besuchen besucher betrag betreff betreffend betrifft bevor bewohner bezahlen bezirk bezug bild
    bilder bin bis bisher bitten bleiben blick brauchen breit brief bringen brücke bruder buch bürger bürgerin
    bürgermeister büro bus dabei dadurch dafür dagegen daher damals damen damit danach daneben dankbar dann daran
    darauf darf darüber darum darunter das dass datum dauer dauernd davon davor dazu deshalb deutlich deutsch
    dienst dienstag dies ding dinge direkt doch donnerstag doppelt dort draußen drei dringend drüben durch dürfen
    ebenfalls ecke ehefrau ehemann ehrlich eigentlich eile ein einfach einfahrt eingang einige einkaufen einladung
    einmal eins einsatz einzige eltern emails ende endlich eng enkel entfernt entschuldigung entweder erde erfahren
    erfolg ergebnis erhalten erinnern erkennbar erklären erlaubt ernst erst erste erwarten erzählen es essen etwa
    etwas euro fahren fahrer fahrt fall falls falsch familie farbe fast fehlen fehler fehlt fein ferien fern fertig
    fest finden firma folgen folgende form foto fotos frage fragen frau frauen frei freitag fremd freude freund
    freunde freundlich früh früher frühling führen fünf fuß ganz gar garten gast gebäude geben gebeten geburtstag
    gefallen gefühl gegen gegend gegenüber gehen gehören geht geld gelegen gelegenheit gelten gemacht gemeinde
    gemeinsam gemeldet genau genug geöffnet gerade gerät gern gesamt geschäft geschehen gesehen gespräch gestern
    gesund gewesen gewöhnlich gewünscht gibt glauben gleich gleiche gleichen glück grenze groß größe größer grund
    gruppe grüße gut gute guten haben halb halten hand handeln handy hatte häufig haupt haus hause häuser
    hausmeister hausnummer haustür heim heißen helfen hell her herbst herr herren herrn herum heute hier hierher
    hin hinten hinter hinweis hinzu hoch hof hoffe hoffentlich hoffnung höhe holen hören hotel ideal ihm ihn immer
    in information innen innerhalb inzwischen irgendwann ja jahr jahre jahren jeden jedenfalls jederzeit jemand
    jetzt jugend jung junge kaffee karte kasse kaufen kaum kein keller kennen kind kinder kirche klar klasse klein
    kleiner kollege kollegen kollegin kommen kommt komplett können konnte kontakt kopf kopie kosten kraft kreis
    kreuz kreuzung küche kunde kunden kurz lage land lang lange langsam lassen laufen laut leben lehrer leicht
    leider leisten leitung lernen lesen letzte leute licht lieb liebe lieber linie linken links lösung luft machen
    macht mal mann männer maßnahme mehr mehrere mehrmals mein meinen meinung meist meistens melden meldung menge
    mensch menschen merken meter miete mieter milch minute minuten mitarbeiter mitarbeiterin mitglied mittag
    mittagessen mitte mitteilen mitteilung mittlerweile mittwoch möchte möglich möglichkeit moment monat monate
    montag morgen morgens müssen mutter nachbar nachbarin nachbarn nachfrage nachmittag nachricht nächste nacht
    nachts nah nähe name namen natürlich neben nebenan nehmen nennen nett neu neue neun nichts nie niemand noch
    norden nötig notwendig nummer nun nur oben oder offen öffentlich öffnungszeiten oft ohne ort ortsteil osten
    paar papier parkplatz passanten passieren passiert person personal pflegen plan platz plötzlich post preis
    prima privat problem probleme prüfen punkt pünktlich rand rathaus raum räume rechnung recht rechten rechts rede
    reden regel regelmäßig regen reihe reise rentner rest richtig richtung rolle rückmeldung rufen ruhe ruhig rund
    sache sachen sagen samstag satz schade schaffen schauen scheinen schicken schild schlafen schlecht schließlich
    schlimm schnell schon schön schreiben schuld schule schüler schwer schwester sechs see sehen sehr seit seitdem
    seite seiten selber selbst senden senioren seniorin server sicher sicherheit sicht sichtbar sie sieben siehe
    sieht sitzen sofort sogar sohn sollen sommer sondern sonne sonntag sonst sorge sozial spät später spazieren
    sport sprache sprechen staat stadt stadtteil stadtverwaltung stand ständig stark statt stehen steigen stelle
    stellen stellung steuer stimme stimmt stock strecke stück stunde stunden suchen süden tag tage täglich tante
    tasche tatsache team teil teile teilweise telefon telefonisch telefonnummer termin teuer text thema tochter tor
    tragen treffen treten trotz trotzdem tun tür über überall überhaupt übrig übrigens uhr um umgebung umstand
    umwelt unbedingt unbenutzt unbenutzte und ungefähr ungern unmöglich unser unten unter unternehmen unterschied
    unterstützung unterwegs urlaub ursache vater verantwortlich verbindung verein verfügung vergangenheit
    vergeblich vergessen vergleich verhalten verkehr verlassen verlauf verlieren vermutlich verschieden versprechen
    verstehen versuch versuchen verwaltung verwandte viel viele vielen vielleicht vier viertel voll völlig von vor
    voraus vorbei vorgang vorhanden vorher vorhin vormittag vorne vorschlag vorsicht vorstellen wahl wahr während
    wahrscheinlich wald wand wann warm warten warum was wasser wechsel weg wegen weil weise weit weiter weitere
    welche welt wenden wenig wenigstens werden werktag wert westen wetter wichtig wie wieder wiese wind winter
    wirklich wirkt wirtschaft wissen woche wochen wochenende wochenlang wohl wohnen wohnhaft wohnung wollen wort
    wunsch wünschen wurde zahl zahlen zehn zeigen zeit zeiten zeitung zentrum zettel ziehen ziel ziemlich zimmer zu
    zufrieden zug zuhause zukunft zuletzt zunächst zurück zusammen zusätzlich zuschauer zustand zuständig zwar zwei
    zweite zwischen

    ausschuss zuschuss anschluss entschluss beschluss schluss verschluss genuss vergleichen gleichzeitig
    gleichmäßig ausgleich erlauben beurlaubt laube glauben staubig verstaubt erlaubnis drogerie idealer
    idealerweise standort händler medaille gemüse bemühen mühe müller mühle müde mülheim hundert hunderte
    hunderttausend jahrhundert kotelett hütte kote ratgeber rathausplatz raten beraten heirat beratung verraten
    vorrat gerät geraten rattan brandenburg brandneu weinbrand verbrannt sandstrand strand rand handbuch abfahrt
    anfahrt einfall zufall beifall ausfall unfallfrei überfällig auffällig gefälligkeit fälligkeit vorfall
    feuerwehrfest messe messen gemessen bemessen angemessen vermessung durchmesser versammeln sammeln sammlung
    samstagabend laternenumzug spielend beispiele beispielsweise spielraum spielzeugladen parkhaus parkett ampere
    lampion schlampig glasklar brille scherzen scherz schützen schutz schützenfest nutzen benutzen schmutzfänger
    putzen verputzt reifenwechsel begreifen ergreifen streifen pfeifen greifen rohrpost robust wertvoll
    wertstoffhof loch locher woche kochen bescheiden entscheiden unterscheiden leider kleider leiden meiden
    schneiden neiden kreide scheide bauen bauernhof baumarkt erbaut vertrauen stauen staunen schauspiel ausbauen
    ölheizung kölner möller wölfe hölle völkerball rolle kontrolle kontrollieren alarm arm warmherzig charme urne
    turnen zigarre tannennadel stadel spritzgebäck spritzig sprit sprinten spritzer wildschwein bewilligt bildung
    wilde kommandant heroisch heroine kokosnuss crackle cracker schnee schneeweiß schneemann eislaufen eisdiele
    schimmern zimmermann grafik fotograf paragraf sprayflasche tagesordnung ordnungsamt ordnung unordnung
    verordnung anordnung einordnung
    """
)
"""Everyday words first, then the traps."""

SURNAMES = _words(
    """
    Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein
    Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause
    Meier Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz
    Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann
    Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer
    Groß Seidel Heinrich Brandt Haas Schreiber Graf Schulte Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch
    Bergmann Thomas Voigt Sauer Arnold Wolff Pfeiffer Hübner Hansen Jansen Janssen Janßen Hermes Heyer Küppers
    Kuypers Peeters Theißen Thelen Coenen Cremers Hüsges Dohmen Esser Hendricks Kamps Heinen Lenzen Terhorst
    ter-Meer Wilms Wirtz Zander Steeger Siebert Reinhardt Ritter Kern Kunz Moser Lindner Linden Ebert Fink Gärtner
    Geiger Götz Hecht Heger Hein Heß Hoppe Jahn Jakob Kaufmann Kirsch Kluge Kolb Konrad Kramer Kurz Langer Lutz
    Maurer Mohr Nagel Naumann Noll Paul Popp Rauch Reich Reuter Rose Rupp Sander Schade Scherer Schilling Schramm
    Schreiner Schütz Seitz Sturm Stahl Steiner Straub Thiel Ulrich Urban Voß Wenzel Wiese Wild Witt Wolters Kother
    Kotter Hundt Hundertmark Rattay Ratzke Laubach Laubenthal Brandenburg Baumeister Tauber Taubert Schneeweiß
    Eisele Lampertz Lochner Messerschmidt Feuerbach Feuerstein Spritzer Nadler Müllner Müllenbach Glaser Scherbaum
    Parkinson Laternser Dreckmann Dreckschmidt Stinkes Schrottner Wildermuth Katzer Rehbein Schwanitz Fuchshuber
    Biener Wespermann Ölschläger Oehler Rohrbach Kanalis Gullich Ampelmann Schildmann Yılmaz Kaya Demir Çelik Şahin
    Yıldız Öztürk Aydın Arslan Kılıç Doğan Nowak Kowalski Wiśniewski Popescu Ionescu Ivanov Petrov Nguyen Ahmed
    Hassan Ali Khan
    """
)

FIRST_NAMES = _words(
    """
    Achim Ahmet Alexander Ali Amelie Andrea Andreas Angela Angelika Anja Anke Anna Anne Annette Anton Antonia Ayse
    Barbara Ben Bernd Bernhard Birgit Björn Brigitte Britta Can Carsten Charlotte Christa Christian Christiane
    Christina Christine Christoph Clara Claudia Cornelia Daniel Daniela David Dennis Dieter Dirk Doris Elena Elias
    Elif Elisabeth Elke Emil Emilia Emine Emma Eric Erika Eva Fabian Fatma Felix Finn Florian Frank Franz Franziska
    Gabi Gabriele Georg Gerd Gerhard Gisela Guido Günter Hakan Hanna Hannah Hans Harald Hasan Heike Heinz Helga
    Helmut Herbert Hildegard Holger Horst Ibrahim Ingo Ingrid Irene Iris Jan Jana Jens Joachim Jochen Johanna
    Johannes Jonas Jörg Josef Julia Jürgen Jutta Kai Karin Karl Karsten Katharina Kathrin Katja Katrin Kerstin
    Kevin Klaus Konstantin Kurt Lara Lars Laura Lea Lena Leon Leonie Lina Lisa Luca Luis Luisa Lukas Manfred
    Manuela Marcel Marco Maria Marie Marion Markus Martina Matthias Max Maximilian Mehmet Melanie Mia Michael
    Michaela Monika Murat Mustafa Nadine Natalie Nicole Niklas Nina Noah Norbert Olaf Oliver Ömer Pascal Patrick
    Paula Petra Philipp Rainer Ralf Regina Renate Rita Robert Roland Rolf Rosemarie Rüdiger Ruth Sabine Sabrina
    Sandra Sara Sarah Sascha Sebastian Sigrid Silke Silvia Simone Sofia Sonja Sophie Stefan Stefanie Steffen
    Stephan Susanne Sven Svenja Tanja Thomas Thorsten Tim Tobias Tom Torsten Udo Ulrike Ursula Ute Uwe Vanessa Vera
    Volker Waltraud Werner Wilhelm Wolfgang Yasemin Yusuf Zeynep
    """
)

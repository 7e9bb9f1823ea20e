"""Krefeld's streets, squares and districts and the towns around it, as far as they are known here; data only.

They are where something is, never what it is about ("Willy-Brandt-Platz" is no fire). Streets that end in -straße,
-weg, -platz and the like are recognised without this list; the city's full list can be added as a file ([files]
gazetteer).
"""


def _names(text: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in text.split(","))


STREETS = _names(
    """
    Albrechtplatz, Alte Gladbacher Straße, Alte Krefelder Straße, Alte Linner Straße, Am Kullpfad, Am Röttgen,
    Amselweg, Anne-Frank-Platz, Anrather Straße, Antoniusplatz, Bataverstraße, Behnisch-Haus, Birkschenweg,
    Bleichpfad, Blumenstraße, Blücherstraße, Brahmsstraße, Breite Straße, Bruchfeld, Buddestraße, Canisiusplatz,
    Dahlerdyk, Dampfmühlenweg, Dieselstraße, Dießemer Straße, Dionysiusplatz, Dr.-Hirschfelder-Platz, Dürerstraße,
    Elbestraße, Elfrather See, Evangelischer Kirchplatz, Feldstraße, Freiligrathstraße, Friedrichsplatz,
    Friedrichstraße, Germaniastraße, Girmesgath, Gladbacher Straße, Grenzstraße, Grüner Dyk, Gutenbergstraße,
    Hansazentrum, Hardenbergstraße, Heidekrautweg, Hochstraße, Hückelsmaystraße, Hülser Bruch, Hülser Straße,
    Idastraße, Inrather Straße, Joseph-Beuys-Platz, Kanalstraße, Karl-Hengsten-Weg, Karlsplatz, Kempener Allee,
    Konrad-Adenauer-Platz, Krahnenstraße, Krefelder Leuchten, Kölner Straße, Königstraße, Lewerentzstraße,
    Limbourgplatz, Lindenstraße, Lohstraße, Luisenstraße, Lutherplatz, Lutherstraße, Mariannenstraße, Marktstraße,
    Max-Petermann-Platz, Max-Planck-Straße, Maybachstraße, Melanchthonstraße, Mevissenstraße, Mittelstraße,
    Moerser Straße, Moritzplatz, Märklinstraße, Müllerstraße, Napoleonsweg, Neue Linner Straße, Neumarkt, Nordwall,
    Oberdießemer Straße, Obergath, Oberschlesienstraße, Ondereyckstraße, Ostwall, Parkstraße, Petersstraße,
    Philadelphiastraße, Platz der Wiedervereinigung, Prinz-Ferdinand-Straße, Prozessionsweg, Rheinstraße, Roßstraße,
    Sandberg, Sankt-Anton-Straße, Schinkenplatz, Schwanenmarkt, Schwertstraße, Seidenstraße, Seidenweberhaus,
    Seyffardtstraße, Siemensstraße, Siempelkampstraße, Spechtweg, Stadtmarkt, Stadtwaldwiese, Stockweg, Südwall,
    Tannenstraße, Taubenstraße, Theaterplatz, Uerdinger Straße, Untergath, Vagedesstraße, Vereinsstraße,
    Viktoriastraße, Virchowstraße, Von-Itter-Platz, Von-der-Leyen-Platz, Weeserweg, Westwall, Wiedenhofstraße,
    Wiedstraße, Willy-Brandt-Platz, Willy-Göldenbachs-Platz,
    Bahnhof, Deuß-Tempel, Hauptbahnhof, Hauptbahnhof Südausgang, Hbf, Hbf Südausgang, Heeder, Kaiser-Wilhelm-Museum,
    KWM, Stadtgarten, Stadtwald, Südausgang, UdU
    """
)
"""Official names of streets and squares, and the names that people use for well-known spots."""

DISTRICTS = _names(
    """
    Stadtmitte, Kempener Feld, Baackeshof, Inrath, Kliedbruch, Cracau, Dießem, Lehmheide, Benrad-Süd, Benrad-Nord,
    Forstwald, Hülser Berg, Traar, Verberg, Gartenstadt, Bockum, Linn, Gellep-Stratum, Oppum, Fischeln, Uerdingen,
    Hüls, Königshof, Stahldorf, Lindental, Innenstadt, City, Südbezirk, Nordbezirk, Bahnbezirk, Samtweberviertel,
    Bismarckviertel
    """
)
"""Stadtteile and the names that people use for parts of them."""

TOWNS = _names(
    """
    Krefeld, Anrath, Büderich, Dinslaken, Duisburg, Düsseldorf, Dülken, Erkrath, Friemersheim, Geldern, Grefrath,
    Hilden, Issum, Kaarst, Kaldenhausen, Kamp-Lintfort, Kempen, Kerken, Kevelaer, Kleve, Korschenbroich, Lank-Latum,
    Lobberich, Meerbusch, Moers, Mönchengladbach, Mülheim, Neersen, Nettetal, Neukirchen-Vluyn, Neuss, Niederkrüchten,
    Oberhausen, Oedt, Osterath, Ratingen, Rheinberg, Rheinhausen, Rheurdt, Rumeln, Sankt Tönis, Schiefbahn, Schwalmtal,
    St. Tönis, Straelen, Süchteln, Tönisberg, Tönisvorst, Venlo, Viersen, Wachtendonk, Wesel, Willich, Xanten
    """
)
"""Krefeld first, then its neighbours, with the parts of them that people name without the town."""

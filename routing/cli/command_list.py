"""Which module of ``routing.cli.commands`` holds which commands; a new one needs its line here (CONTRIBUTING.md).

The sentences are those of ``kod-intake --help``, which so loads no command; each is the first paragraph of its
command's docstring.
"""

COMMANDS = {
    "service.run": {
        "run": "Den Dienst starten (im Vordergrund; SIGTERM beendet, SIGHUP liest config.toml neu).",
        "once": "Alles Fällige einmal erledigen: abholen, einordnen, versenden.",
    },
    "service.status": {
        "status": "Läuft alles? Was wartet? Ende mit 0, wenn ja, sonst mit 4.",
        "metrics": "Messwerte für Prometheus, auf die Ausgabe oder in eine Datei des node_exporter.",
    },
    "service.demo": {
        "demo": "Den ganzen Weg vorführen: eingebautes Postfach, Beispielnachrichten, fertige Schreiben.",
    },
    "rules.check": {
        "check": "config.toml und Vorlagen prüfen, Beispiele der Regeln nachrechnen, auf Fallstricke hinweisen.",
    },
    "rules.explain": {
        "explain": "Was mit einer Nachricht geschähe, und warum (- = Text von der Standardeingabe).",
    },
    "rules.schema": {
        "schema": "Das JSON-Schema von config.toml, für Editoren.",
    },
    "rules.in_force": {
        "rules": "Die geltenden Regeln: wer was bekommt, und wo jede steht; rules find WORT: welche ein Wort kennen.",
    },
    "rules.upgrade": {
        "upgrade": "Eine config.toml von vor der Regelbibliothek umstellen.",
    },
    "rules.classify": {
        "classify": "Jede Zeile einer Tabelle einordnen und das Ergebnis daneben schreiben.",
    },
    "rules.backtest": {
        "backtest": "Was eine geänderte Regeldatei an den bisherigen Nachrichten geändert hätte.",
    },
    "rules.suggest": {
        "suggest": "Schlüsselwörter vorschlagen, die in zugewiesenen und ungeklärten Nachrichten stehen.",
    },
    "cases.desk": {
        "list": "Hinweise, die auf jemanden warten, die ältesten zuerst.",
        "show": "Einen Vorgang ganz zeigen: Nachricht, Begründung, Schreiben, Verlauf.",
        "assign": "Einen Hinweis einer Stelle zuweisen: assign NUMMER STELLE.",
        "close": "Einen Vorgang schließen; Geplantes wird nicht mehr verschickt.",
        "requeue": "Einen Vorgang neu einordnen lassen, oder abgelehnte Schreiben noch einmal versuchen (letters).",
        "ack": "Bestätigen, dass sich jemand kümmert; ein dringendes Schreiben wird dann nicht wiederholt.",
        "answer": "Eintragen, was eine Stelle geantwortet hat: erledigt, beauftragt, nicht-zuständig oder offen.",
    },
    "cases.reshape": {
        "merge": "Zwei Vorgänge zusammenführen: der erste wird geschlossen, seine Nachrichten stehen im zweiten.",
        "split": "Ein weiteres Anliegen derselben Nachricht abtrennen; es wartet dann in Klärung.",
        "reopen": "Einen geschlossenen Vorgang wieder öffnen; er wartet dann in Klärung.",
        "place": "Den Ort berichtigen: wartende Schreiben nennen den neuen, verschickten folgt eine Berichtigung.",
        "photos": "Die Fotos für wartende Schreiben freigeben; bitte sehen Sie sie vorher an.",
    },
    "cases.outbox": {
        "outbox": "Schreiben, die noch nicht angekommen sind, mit Alter und Grund.",
    },
    "rules.handback": {
        "handback": "Rückgabe einer Stelle: die Regel dahinter und ein Änderungsvorschlag mit Rückvergleich.",
    },
    "cases.preview": {
        "preview": "Die nächste Liste einer Stelle, wie sie hinausginge; versendet und ändert nichts.",
    },
    "service.reconcile": {
        "reconcile": "Mailserver und Speicher vergleichen: liegt dort etwas, das hier fehlt? Verändert nichts.",
    },
    "service.books": {
        "books": "Die Bücher: geht alles auf, vom Mailserver bis zum Schreiben? Ende mit 0, wenn ja, sonst mit 4.",
    },
    "service.report": {
        "report": "Die Zahlen eines Zeitraums: Wege, Themen, Orte, Stellen, Zeiten, und Sätze für die Presse.",
    },
    "service.probe": {
        "probe": "Eine Probesendung durch Versand, Postfach und Regeln schicken und zusehen, wie weit sie kommt.",
    },
    "service.safekeeping": {
        "backup": "Datenbank, Konfiguration und Zustand in eine Datei sichern; der Dienst läuft weiter.",
        "restore": "Eine Sicherung zurückspielen und sicher weitermachen. Der Dienst muss stehen.",
        "move": "Alles in eine andere Datenbank umziehen und vergleichen. Der Dienst muss stehen.",
    },
    "service.pages": {
        "web": "Die Seiten im Haus öffnen, ohne den Dienst (im Vordergrund; SIGTERM beendet).",
        "user": "Konten der Seiten im Haus: add, list, password, roles, end.",
    },
    "privacy.person": {
        "person": "Rechte einer Person: finden, Auskunft, löschen, einschränken.",
    },
    "privacy.hold": {
        "hold": "Gegen Löschen sperren (Klage, Prüfung), mit Grund; ohne Nummer: was gesperrt ist.",
    },
    "privacy.access": {
        "access": "Wer hat wann welchen Vorgang angesehen? Für die oder den Datenschutzbeauftragten.",
    },
    "privacy.record": {
        "record": "Verzeichnis der Verarbeitungstätigkeiten und Entwurf der Folgenabschätzung schreiben.",
    },
    "privacy.retention": {
        "retention": "Löschen, was seine Frist hinter sich hat (auch nachts von selbst); --dry-run sagt nur, was.",
    },
    "service.read_log": {
        "read-log": "Zeigen, was aus einer Telefonliste gespeichert würde, ohne etwas zu verändern.",
    },
}

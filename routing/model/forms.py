"""What config.toml teaches of web forms ([[forms]]). The German descriptions are the reference for staff."""

from pydantic import Field

from intake.settings import Table


class FormExample(Table):
    """[forms.example]: ein ausgefülltes Formular, das gelesen werden muss, wie es hier steht."""

    text: str
    """Text einer erdachten Nachricht, wie das Formular sie schickt."""
    place: str = ""
    """Das muss als Ort gelesen werden."""
    says: tuple[str, ...] = ()
    """Das muss zum Anliegen gehören."""
    never: tuple[str, ...] = ()
    """Das darf weder Ort sein noch zum Anliegen gehören: Name, Anschrift, Telefonnummer."""


class Form(Table):
    """[[forms]]: ein Webformular, dessen Felder das Programm nicht von selbst kennt."""

    name: str
    """Name des Formulars; jeder nur einmal."""
    sender: str
    """Absender seiner E-Mails: eine Adresse oder eine Domäne, "@formulare.example.org"."""
    contact: tuple[str, ...] = ()
    """Felder mit Angaben zu dem Menschen, der schreibt; sie gehen nie hinaus."""
    place: tuple[str, ...] = ()
    """Felder, die sagen, wo es ist."""
    text: tuple[str, ...] = ()
    """Felder mit dem Anliegen."""
    ignore: tuple[str, ...] = ()
    """Felder, die nichts zur Sache sagen."""
    example: FormExample | None = Field(default=None)
    """Ein Beispiel, das stimmen muss, bevor eine geänderte Datei gilt."""

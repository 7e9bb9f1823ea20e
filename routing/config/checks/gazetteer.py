"""What gazetteer.toml must mean beyond its types: districts that exist, names that can be found, a box that is one."""

from collections.abc import Iterator

from intake.base import did_you_mean
from routing.config.problems import Fault, KeyPath, shown
from routing.model.gazetteer import UNKNOWN, GazetteerFile

_LISTS = ("districts", "quarters", "squares", "parks", "stops", "landmarks", "shops", "towns")


def faults(file: GazetteerFile) -> Iterator[Fault]:
    """Everything wrong with the meaning of a gazetteer."""
    for path, name in _names(file):
        if len(name.strip()) < 2 or not name.isprintable() or not name[0].isalnum():
            yield Fault(path, f"{shown(name)} ist kein Name eines Ortes.", "Schreiben Sie den amtlichen Namen.")
    for table in ("streets", "boroughs"):
        yield from _districts(file, table)
    if file.box and (file.box.south >= file.box.north or file.box.west >= file.box.east):
        what = "Dieses Rechteck ist keines: Süden liegt unter Norden, Westen links von Osten."
        yield Fault(("box",), what, "Breiten (south, north) sind in Deutschland 47 bis 55, Längen 5 bis 15.")


def _names(file: GazetteerFile) -> Iterator[tuple[KeyPath, str]]:
    for key in _LISTS:
        yield from (((key, index), name) for index, name in enumerate(getattr(file, key)))
    for district, streets in file.streets.items():
        yield from ((("streets", district, index), name) for index, name in enumerate(streets))


def _districts(file: GazetteerFile, table: str) -> Iterator[Fault]:
    """The districts that [streets] and [boroughs] name are among those listed."""
    known = (*file.districts, *file.quarters)
    groups: dict[str, tuple[str, ...]] = getattr(file, table)
    for key, names in groups.items():
        named = {(table, key): key} if table == "streets" else {(table, key, i): name for i, name in enumerate(names)}
        for path, district in named.items():
            if district not in known and (district != UNKNOWN or table != "streets"):
                what = f"{shown(district)} ist kein Stadtteil.{did_you_mean.sentence(district, known)}"
                yield Fault(path, what, "Nehmen Sie ihn oben unter districts auf, oder berichtigen Sie ihn.")

"""The figures once more, from the raw rows of an SQLite file, with nothing of the program's own code.

Everything is read into memory and counted in the plainest way; what a figure means stands here in words, too.
``python -m tests.routing.figures.recount FILE 2026-06-01 2026-06-30`` prints what it finds, to compare with
``kod-intake report --json``.
"""

import json
import math
import sqlite3
import sys
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CITY = ZoneInfo("Europe/Berlin")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _read(path: Path) -> dict[str, list[dict[str, Any]]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    wanted = ("messages", "decisions", "concerns", "forwards", "deliveries", "events")
    found = {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY id")] for name in wanted}
    connection.close()
    return found


def recount(path: Path, first: date, last: date, streets: dict[str, str]) -> dict[str, Any]:
    """``streets``: what a place, as stored, is to be counted under."""
    rows = _read(path)
    decisions, forwards, sent = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in rows["decisions"]:
        decisions[row["message_id"]].append(row)
    for row in rows["forwards"]:
        forwards[row["concern_id"]].append(row)
    for row in rows["deliveries"]:
        if row["state"] == "sent":
            sent[row["letter_id"]].append(_moment(row["finished_at"]))
    ended: dict[int, datetime] = {}
    for row in rows["events"]:
        then = _moment(row["at"])
        if row["case_id"] and row["action"] in {"closed", "answered"} and then:
            ended[row["case_id"]] = max(then, ended.get(row["case_id"], then))
    told_again = Counter(
        made[-1]["case_id"] for made in decisions.values() if made[-1]["kind"] in {"repeat", "supplement"}
    )
    messages: dict[int, Any] = {row["id"]: row | {"received": _moment(row["received_at"])} for row in rows["messages"]}
    inside = {number for number, row in messages.items() if first <= row["received"].astimezone(CITY).date() <= last}

    by: dict[str, Counter[str]] = defaultdict(Counter)
    days: dict[str, Counter[str]] = defaultdict(Counter)
    grid = [[0] * 24 for _ in range(7)]
    times: dict[str, list[int]] = {"decision": [], "letter": [], "answer": [], "done": []}
    shares = Counter(without_person=0, review=0, corrected=0, handed_back=0, repeated=0)
    spots: Counter[tuple[str, str]] = Counter()
    concerns, cases, first_at = 0, set(), []
    for row in rows["concerns"]:
        if row["message_id"] not in inside:
            continue
        cases.add(row["case_id"])
        if row["state"] == "replaced":
            continue
        concerns += 1
        message, made = messages[row["message_id"]], decisions[row["message_id"]]
        at: datetime = message["received"]
        first_at.append(at)
        local = at.astimezone(CITY)  # two moments of one zone are subtracted by their clocks, summer time or not
        by["channel"][message["channel"]] += 1
        by["category"][row["category"]] += 1
        by["district"][row["district"]] += 1
        by["urgency"][row["urgency"]] += 1
        by["street"][streets[row["place"]]] += 1
        if streets[row["place"]] not in {"", "(anderer Ort)"} and row["category"]:
            spots[streets[row["place"]], row["category"]] += 1
        by["weekday"][str(local.weekday())] += 1
        by["hour"][str(local.hour)] += 1
        by["week"]["{}-W{:02}".format(*local.isocalendar()[:2])] += 1
        by["month"][local.strftime("%Y-%m")] += 1
        days[message["channel"]][local.date().isoformat()] += 1
        grid[local.weekday()][local.hour] += 1
        went = [one for one in forwards[row["id"]] if one["state"] != "cancelled" and one["report_id"] is None]
        by["body"].update({one["recipient"] for one in went})
        own = [one for each in made for one in json.loads(each["detail"]).get("concerns", [])]
        reviewed = any(each["state"] == "review" for each in made) or any(
            one["state"] == "review" for one in own if one["category"] == row["category"]
        )
        by_person = any(each["actor"] != "daemon" for each in made)
        shares["without_person"] += not reviewed and not by_person
        shares["review"] += reviewed
        shares["corrected"] += by_person and not reviewed
        shares["handed_back"] += any(one["answer"] == "refused" for one in forwards[row["id"]])
        shares["repeated"] += told_again[row["case_id"]] > 0
        moments = {
            "decision": [_moment(made[0]["at"])],
            "letter": [moment for one in went for moment in sent[one["letter_id"]]],
            "answer": [_moment(one["answered_at"]) for one in went],
            "done": [ended.get(row["case_id"])] if row["state"] == "closed" else [],
        }
        for name, some in moments.items():
            if known := [one for one in some if one]:
                times[name].append(max(0, math.floor((min(known) - at).total_seconds())))
    with_concern = {row["message_id"] for row in rows["concerns"]}
    others = Counter(decisions[one][-1]["kind"] for one in inside if one not in with_concern and decisions[one])
    return {
        "concerns": concerns,
        "by": {name: dict(found) for name, found in by.items()},
        "grid": grid,
        "days": {name: dict(found) for name, found in days.items()},
        "times": {
            name: {
                "count": len(values),
                "median": sorted(values)[math.ceil(len(values) / 2) - 1] if values else None,
                "nine_in_ten": sorted(values)[math.ceil(len(values) * 9 / 10) - 1] if values else None,
            }
            for name, values in times.items()
        },
        "shares": dict(shares),
        "further": sum(told_again[case] for case in cases),
        "others": dict(others),
        "spots": [
            {"street": where[0], "category": where[1], "concerns": count}
            for where, count in sorted(spots.items(), key=lambda one: (-one[1], one[0]))
            if count >= 3
        ][:20],
        "first_at": min(first_at, default=None),
    }


if __name__ == "__main__":
    path, first, last = sys.argv[1:]
    places = {row["place"]: row["place"] for row in _read(Path(path))["concerns"]}
    found = recount(Path(path), date.fromisoformat(first), date.fromisoformat(last), places)
    print(json.dumps(found, default=str, ensure_ascii=False, indent=1))

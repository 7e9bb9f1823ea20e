"""Letters in a real browser: Chromium without a window, and axe-core, which looks for barriers (WCAG).

A letter is put into a frame as wide as a telephone or a desktop's mail program, because Chromium's own windows are
never narrower than 500 pixels. Chromium is Debian's; axe-core comes from npm, once, into .venv.
"""

import html
import io
import json
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests import ROOT
from tests.support.waiting import CEILING

AXE = "axe-core@4.14.1"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP = 375, 800
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio"),
    *("--force-device-scale-factor=1", "--host-resolver-rules=MAP * ~NOTFOUND"),  # nothing is fetched
)
FRAME = """<!DOCTYPE html><html lang="de"><title>Rahmen</title><body style="margin:0">
<iframe title="Schreiben" srcdoc="{page}" style="border:0;width:{width}px;height:{height}px"></iframe>
<pre id="result" hidden></pre>"""
PROBE = """<script>{axe}</script><script>
const tell = found => parent.document.getElementById("result").textContent = JSON.stringify(found);
window.addEventListener("load", () => axe.run(document, {{runOnly: {tags}}}).then(run => tell({{
  violations: run.violations.map(one => one.id + ": " + one.nodes.map(node => node.html).join(" | ")),
  passes: run.passes.map(one => one.id),
  width: document.documentElement.scrollWidth,
  height: document.documentElement.scrollHeight,
}})).catch(error => tell({{error: String(error)}})));
</script>"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the browser found: barriers, rules that were met, the size that the letter needs in pixels."""

    violations: list[str]
    passes: list[str]
    width: int
    height: int


def axe() -> str:
    """The source of axe-core, fetched with npm the first time."""
    folder = ROOT / ".venv" / "axe-core"
    source = folder / f"{AXE.replace('@', '-')}.js"
    if not source.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", AXE, "--silent", "--pack-destination", str(folder)]
        packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=CEILING)
        with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
            member = archive.extractfile("package/axe.min.js")
            assert member is not None
            source.write_bytes(member.read())
    return source.read_text("utf-8")


def look(page: str, width: int, folder: Path) -> Seen:
    """The letter ``page`` (HTML) at ``width`` pixels; ``folder`` is for the browser's own files."""
    probe = PROBE.format(axe=axe().replace("</script", "<\\/script"), tags=json.dumps(TAGS))
    shown = _chromium(folder, _framed(page.replace("</body>", f"{probe}</body>"), width, 200), "--dump-dom")
    found = re.search(rb'<pre id="result"[^>]*>(.*?)</pre>', shown, re.DOTALL)
    assert found is not None
    told: dict[str, Any] = json.loads(html.unescape(found[1].decode()))
    assert "error" not in told, told
    return Seen(told["violations"], told["passes"], told["width"], told["height"])


def picture(page: str, width: int, height: int, folder: Path) -> bytes:
    """A small PNG of the letter."""
    target = folder / "picture.png"
    _chromium(
        folder, _framed(page, width, height), f"--window-size={max(width, 500)},{height}", f"--screenshot={target}"
    )
    with Image.open(target) as image:
        cut = image.convert("RGB").crop((0, 0, width, height)).quantize(32)
    small = io.BytesIO()
    cut.save(small, "PNG", optimize=True)
    return small.getvalue()


def _framed(page: str, width: int, height: int) -> str:
    return FRAME.format(page=html.escape(page), width=width, height=height)


def _chromium(folder: Path, page: str, *what: str) -> bytes:
    path = folder / "page.html"
    path.write_text(page, "utf-8")
    command = ["chromium", *FLAGS, f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=20000", *what]
    return subprocess.run([*command, path.as_uri()], check=True, capture_output=True, timeout=CEILING).stdout

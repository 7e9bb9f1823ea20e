"""Text without what nobody sees, in one form (NFC): before anything is looked for in it. Pure, never fails."""

import re
import unicodedata

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NOT_SEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e007f"
)
_UNSEEN = re.compile(f"[{_NOT_SEEN}]")
_UNUSUAL = re.compile(rf"[{_NOT_SEEN}\r\u2010\u2011\u2028\u2029\uff01-\uff5e]")


def clean(text: str) -> str:
    """``text`` composed (NFC), with line feeds only, and without characters that nobody sees.

    Those are controls, soft hyphens, zero-width spaces, marks that turn the direction of writing, halves of surrogate
    pairs.
    """
    if not _UNUSUAL.search(text):
        return unicodedata.normalize("NFC", text)
    text = text.replace("\u2010", "-").replace("\u2011", "-")  # hyphens, as word processors write them
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _UNSEEN.sub("", text)
    return unicodedata.normalize("NFC", text.translate(_FULL_WIDTH))

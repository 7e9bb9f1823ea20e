"""HTML to readable text: paragraphs, lists, table cells and links kept, everything hidden left out. Never raises.

A small tokenizer of our own, for speed and for a bound: each step moves forward, nothing is built as a tree, no
entity grows. Quoted replies (``blockquote type=cite``) get "> " before their lines, so that the text says what the
page showed.
"""

import html
import re

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40})")
_USUAL = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>"'<]{0,40}+)([^"'<>]*+(?:"[^"<>]*+"[^"'<>]*+|'[^'<>]*+'[^"'<>]*+)*+)>([^<]*+)"""
)
_INLINE = re.compile(
    r"""</?(?:span|font|b|i|u|strong|em|small|o:p|SPAN|FONT|B|I|U|STRONG|EM)(?=[\s>])"""
    r"""(?:[^"'<>]*+(?:"[^"<>]*+"[^"'<>]*+|'[^'<>]*+'[^"'<>]*+)*+)>"""
)
_ATTRIBUTE_STYLE = re.compile(r"""(?i)\bstyle\s*=\s*(?:"([^"]*+)"|'([^']*+)')""")
_HIDING = re.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|"
    r"(?<![\w-])(?:opacity|max-height)\s*:\s*0(?:\.0{1,4})?(?:px|em|pt)?\s*(?:[;!]|$)"
)
_HIDERS = ("none", "hidden", "mso-hide", "opacity")
_HIDDEN_ATTRIBUTE = re.compile(r"(?i)\shidden(?:[\s=/]|$)")
_REFERENCE = re.compile(r"""(?i)\bhref\s*=\s*(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++))""")
_HUGE_ENTITY = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{8,}+);?")
_CITED = re.compile(r"(?i)type\s*=\s*[\"']?cite|gmail_quote|moz-cite|protonmail_quote|yahoo_quoted")
_INTRODUCED = re.compile(
    r"(?i)\b(?:schrieb|geschrieben|wrote|schreef|a écrit|escribió|ha scritto|napisał|yazdı)\b.{0,200}:\s*$"
)
_INVISIBLE = re.compile("[\u200b\u034f\ufeff\u2060]|\u200c(?=[\\s\u200c\u034f])")
_MANY_LINES = re.compile(r"\n{3,}")
_BLOCKS = frozenset(
    [
        *(
            "address",
            "article",
            "aside",
            "body",
            "center",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
        ),
        *(
            "footer",
            "form",
            "header",
            "hr",
            "html",
            "legend",
            "li",
            "main",
            "nav",
            "section",
            "tbody",
            "tfoot",
            "thead",
        ),
        *("tr", "option", "caption"),
    ]
)
_PARAGRAPHS = frozenset(["p", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"])
_RAW = {
    name: re.compile(rf"(?i)</{name}[^>]*+>?")
    for name in ("script", "style", "title", "xml", "template", "noembed", "iframe", "object", "select", "svg")
}
_VOID = frozenset(
    [
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"),
        "wbr",
    ]
)
_ACTING = _BLOCKS | _PARAGRAPHS | {"br", "a", "td", "th"}
_LINKED = ("http://", "https://", "ftp://")


def to_text(source: str) -> str:
    """The text that a reader of the page ``source`` sees: lines end with a line feed.

    Linear in its length; raises nothing.
    """
    page = _read(source, hiding=True)
    if page.hidden:  # what hides was never closed: better too much than nothing
        page = _read(source, hiding=False)
    return page.result()


def weight(source: bytes) -> int:
    """How many bytes of a page may be seen at most: all but its style sheets."""
    length = len(source)
    at = 0
    while (start := source.find(b"<style", at)) >= 0:
        at = source.find(b"</style", start)
        if at < 0:
            break
        length -= at - start
    return length


def _read(source: str, *, hiding: bool) -> "_Page":
    lower = source.lower()
    page = _Page(hiding=hiding and any(hider in lower for hider in _HIDERS))
    if not page.hiding:  # then these change nothing, and they are most of what Word and Outlook write
        source = _INLINE.sub("", source)
    at = 0
    length = len(source)
    while at < length:
        usual = _USUAL.match(source, at)
        if usual is None:
            at = _markup(page, source, at)
            continue
        closing, name, attributes, text = usual.groups()
        name = name.lower()
        if name in _RAW:
            at = _markup(page, source, at)
            continue
        if name in _ACTING or page.hiding:
            if closing:
                page.close(name)
            else:
                page.open(name, attributes)
        if text:
            page.text(text)
        at = usual.end()
    return page


def _markup(page: "_Page", source: str, start: int) -> int:
    """Handle what is no usual tag (text, comment, script, broken quotes) at ``start``; where to go on."""
    if source[start] != "<":
        end = source.find("<", start)
        page.text(source[start : end if end >= 0 else len(source)])
        return end if end >= 0 else len(source)
    tag = _TAG.match(source, start)
    if tag is None:
        return _no_element(page, source, start)
    end = _tag_end(source, tag.end())
    if end < 0:  # no tag ends any more
        return len(source)
    name = tag[2].lower()
    if tag[1]:
        page.close(name)
    else:
        attributes = source[tag.end() : end]
        raw = _RAW.get(name)
        if raw is not None and not attributes.endswith("/"):
            closing = raw.search(source, end)
            return closing.end() if closing else len(source)
        page.open(name, attributes)
    return end + 1


def _no_element(page: "_Page", source: str, start: int) -> int:
    """Comments, declarations, and a "<" that is only a character."""
    if source.startswith("<!--", start):
        if source.startswith(("<!-->", "<!--->"), start):
            return source.find(">", start) + 1
        end = source.find("-->", start + 4)
        return end + 3 if end >= 0 else len(source)
    if source.startswith(("<!", "<?", "</"), start):
        end = source.find(">", start)
        return end + 1 if end >= 0 else len(source)
    page.text("<")
    return start + 1


def _tag_end(source: str, start: int) -> int:
    """The offset of the ">" that ends the tag; one within quotes does not, unless the quotes are unbalanced."""
    first = end = source.find(">", start)
    for _ in range(5):
        if end < 0:
            return first
        attributes = source[start:end]
        open_quote = '"' if attributes.count('"') % 2 else "'" if attributes.count("'") % 2 else ""
        if not open_quote or "=" not in attributes:
            return end
        closing = source.find(open_quote, end, end + 4000)
        if closing < 0:
            return first
        end = source.find(">", closing, closing + 4000)
    return first


class _Page:
    """The text so far, and what is open: hidden elements, links, quotes, preformatted text."""

    def __init__(self, *, hiding: bool) -> None:
        self.hiding = hiding
        self.out: list[str] = []
        self.lines = 2  # line ends at the end of ``out``; the start counts as a paragraph
        self.space = False  # a blank is due before the next word
        self.hidden = ""  # the element that hides what it holds
        self.hidden_depth = 0
        self.preformatted = 0
        self.link: tuple[str, int] | None = None  # the open one: address, and where its text begins in ``out``
        self.quotes: list[bool] = []
        self.quote_depth = 0
        self.citing = False  # within the part that a mail program keeps for what it quotes
        self.cells = False  # a cell stands before this one in the row

    def text(self, source: str) -> None:
        if self.hidden:
            return
        if "&" in source:
            source = html.unescape(_HUGE_ENTITY.sub("\ufffd", source) if "&#" in source else source)
        if self.preformatted:
            self._verbatim(source)
            return
        words = source.split()
        if not words:
            self.space = self.space or bool(source)
            return
        if source[0].isspace() or self.space:
            self._blank()
        self._start()
        self.out.append(" ".join(words))
        self.lines = 0
        self.space = source[-1].isspace()

    def open(self, name: str, attributes: str) -> None:
        if self.hidden:
            self.hidden_depth += name == self.hidden and not attributes.endswith("/")
            return
        if attributes and self.hiding and name not in _VOID and _is_hidden(attributes):
            self.hidden, self.hidden_depth = name, 1
            return
        if name == "br":
            self._end_line(self.lines + 1 if self.lines < 2 else 2)
        elif name == "a":
            found = _REFERENCE.search(attributes)
            self.link = ((found[1] or found[2] or found[3] or "") if found else "", len(self.out))
        elif name in {"td", "th"}:
            if self.cells and not self.lines:
                self.out.append("\t")
                self.space = False
            self.cells = True
        elif name in _PARAGRAPHS or name in _BLOCKS:
            self._block(name, attributes)

    def _block(self, name: str, attributes: str) -> None:
        self._end_line(2 if name in _PARAGRAPHS else 1)
        if name == "li":
            self._start()
            self.out.append("- ")
            self.lines = 1
        elif name == "tr":
            self.cells = False
        elif name == "div" and attributes and _CITED.search(attributes):
            self.citing = True
        elif name == "pre":
            self.preformatted += 1
        elif name == "blockquote":
            cited = (
                self.citing
                or _CITED.search(attributes) is not None
                or _INTRODUCED.search("".join(self.out[-8:])[-400:]) is not None
            )
            self.quotes.append(cited)
            self.quote_depth += cited

    def close(self, name: str) -> None:
        if self.hidden:
            self.hidden_depth -= name == self.hidden
            if self.hidden_depth == 0:
                self.hidden = ""
            return
        if name == "a":
            self._end_link()
        elif name in {"td", "th"}:
            self.cells = True
        elif name in _PARAGRAPHS or name in _BLOCKS:
            self._end_line(2 if name in _PARAGRAPHS else 1)
            if name == "pre":
                self.preformatted = max(0, self.preformatted - 1)
            elif name == "blockquote" and self.quotes:
                self.quote_depth -= self.quotes.pop()

    def _end_link(self) -> None:
        if self.link is None:
            return
        address, start = self.link
        self.link = None
        address = html.unescape(_HUGE_ENTITY.sub("", address)).strip()
        if not address.lower().startswith(_LINKED) or len(self.out) - start > 50:
            return
        said = "".join(self.out[start:]).strip()
        bare = address.rstrip("/").partition("://")[2].removeprefix("www.")
        if said and bare not in said.rstrip("/"):
            self.out.append(f" ({address})")

    def _blank(self) -> None:
        if not self.lines and self.out and not self.out[-1].endswith(("\t", " ")):
            self.out.append(" ")
        self.space = False

    def _start(self) -> None:
        """Before the first word of a line inside a quote."""
        if self.quote_depth and (self.lines or not self.out):
            self.out.append("> " * min(self.quote_depth, 10))

    def _end_line(self, wanted: int) -> None:
        """At least ``wanted`` line ends (1 or 2) stand at the end."""
        if self.out and self.out[-1] == "- ":
            return
        if self.out and self.lines < wanted:
            self.out.append("\n" * (wanted - self.lines))
        self.lines = max(self.lines, wanted)
        self.space = False

    def _verbatim(self, source: str) -> None:
        for index, piece in enumerate(source.replace("\r\n", "\n").split("\n")):
            if index:
                self.out.append("\n")
                self.lines += 1
            if piece:
                self._start()
                self.out.append(piece)
                self.lines = 0

    def result(self) -> str:
        text = _INVISIBLE.sub("", "".join(self.out)).replace("\xa0", " ")
        text = "\n".join([line.rstrip() for line in text.split("\n")])
        return _MANY_LINES.sub("\n\n", text).strip()


def _is_hidden(attributes: str) -> bool:
    if not attributes:
        return False
    if "idden" not in attributes and "HIDDEN" not in attributes and "tyle" not in attributes.lower():
        return False
    style = _ATTRIBUTE_STYLE.search(attributes)
    if style is not None and _HIDING.search(style[1] or style[2] or ""):
        return True
    return _HIDDEN_ATTRIBUTE.search(attributes) is not None and "aria-hidden" not in attributes

"""One message's parts, read from its bytes: the readable text, the files, and what identifies the content.

Boundaries are found with ``bytes.find`` and parts are slices: no tree of objects is built. Which text counts follows
what a mail program shows: of alternatives the plain one unless it is empty or a stub, otherwise every text in order,
those after an inline photo and those inside a forwarded message too. Everything else is a file, listed once.

Limits (``limits``) bound depth, number and size; what is beyond them or broken becomes a sentence in ``problems``.
"""

import re

from intake.base import umlauts
from intake.mail import address, alternatives
from intake.mail.content import Content, Text
from intake.mail.formats import html, plain, rtf, smime, tnef
from intake.mail.mime import charsets, clean, file_names, file_types, header, limits, multipart, parts, transfer
from intake.mail.mime.parts import Part
from intake.message import Attachment

_META_CHARSET = re.compile(rb"(?i)<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{2,40})")
_EMBEDDED = re.compile(rb"data:image/[^\"'>\s]{1000,}+")
_MARKUP = re.compile(r"(?is)\s*(?:<!doctype html|<html\b|<head\b|<body\b)")
_READ_AS_TEXT = frozenset(["text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"])
_SIGNED_TYPES = frozenset(["application/pkcs7-mime", "application/x-pkcs7-mime"])
_ENCRYPTED = "Die Nachricht ist verschlüsselt und kann hier nicht gelesen werden."


def read(
    content: Content, part: Part, raw: bytes, start: int, end: int, depth: int = 0, within: str = ""
) -> list[Text]:
    """The texts of the part whose body is ``raw[start:end]``, in order; its files go to ``content``.

    ``within`` is the subtype of the multipart around it, "" for none.
    """
    content.kinds.add(part.content_type)
    content.parts += 1
    if content.parts > limits.PARTS or depth > limits.DEPTH:
        content.identify(raw[start:end])
        content.problem(
            f"Die Nachricht hat mehr als {limits.PARTS} Teile oder ist mehr als {limits.DEPTH}-fach verschachtelt; "
            "der Rest wurde nicht gelesen."
        )
        return []
    main, _, sub = part.content_type.partition("/")
    if main == "multipart":
        return _multipart(content, part, raw, start, end, depth)
    if part.content_type in {"message/rfc822", "message/global"} and part.encoding != "uuencode":
        return _forwarded(content, part, raw, start, end, depth)
    if part.content_type == "message/partial":
        return _fragment(content, part, raw, start, end, depth)
    if part.content_type == "text/x-amp-html" and within == "alternative":  # never alone, and never without a page
        content.identify_text(transfer.decode(raw[start:end], part.encoding))
        return []
    if main == "text" and _is_shown(part, within, alone=not content.texts):
        data = transfer_decoded(content, part, raw[start:end])
        if file_types.is_binary(data) or ("charset" not in part.parameters and charsets.is_noise(data)):
            return _file(content, part._replace(content_type="application/octet-stream"), data, depth, within)
        if within not in {"", "alternative"} and _is_file_too(part, alone=not content.texts):
            content.file(part, data, related=False)
        return _text(content, part, data)
    if sub == "applefile" and within == "appledouble":
        return []
    data = transfer.decode(raw[start:end], part.encoding)
    if not content.forwarded:
        _note_report(content, part.content_type, data)
    return _file(content, part, data, depth, within)


def _note_report(content: Content, content_type: str, data: bytes) -> None:
    """Keep what a bounce says to machines, until it is known whether the mail is one."""
    if content_type in {"message/delivery-status", "message/global-delivery-status"}:
        content.reports.append(data[: limits.REPORT_BYTES])
    elif content_type in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
        own, _, _ = header.split(data[: limits.REPORT_BYTES], 0, min(len(data), limits.REPORT_BYTES))
        content.originals.append(own)


def transfer_decoded(content: Content, part: Part, data: bytes) -> bytes:
    """A text part's bytes without their transfer encoding; plain text that is labelled base64 stays as it is."""
    if part.encoding != "base64":
        return transfer.decode(data, part.encoding)
    data, words = transfer.without_words(data)
    if words:  # a gateway's footer, or what somebody typed behind it
        return transfer.base64(data) + b"\n" + words
    decoded = transfer.base64(data) if transfer.looks_like_base64(data) else None
    if decoded is not None and not (transfer.has_words(data) and _is_garbage(decoded, part)):
        return decoded
    content.problem(
        "Ein Teil ließ sich nicht lesen: Er ist als base64 gekennzeichnet, aber keines. Er steht unverändert da."
    )
    return data


def _is_garbage(data: bytes, part: Part) -> bool:
    """Whether no charset that the part may mean makes text of its bytes."""
    name = charsets.codec(part.parameters.get("charset", ""))
    return not charsets.is_wide(name) and not charsets.is_text(data[:4000], western=charsets.is_western(name))


def _is_shown(part: Part, within: str, *, alone: bool) -> bool:
    """Whether a text part is text to read; one that bears a name is, where it is shown or stands ``alone``."""
    if part.disposition == "attachment":
        return False
    if part.content_type in _READ_AS_TEXT:
        return not part.name or alone or part.disposition == "inline" or within in {"", "alternative"}
    return not part.name and part.content_type not in file_types.TEXT_FILES


def _is_file_too(part: Part, *, alone: bool) -> bool:
    """Whether a text part among others is a file as well: one that bears a name below the text, or an unusual type."""
    return part.content_type not in _READ_AS_TEXT or (part.disposition == "inline" and bool(part.name) and not alone)


# ---- multipart ----


def _multipart(content: Content, part: Part, raw: bytes, start: int, end: int, depth: int) -> list[Text]:
    sub = part.content_type.partition("/")[2]
    spans = _spans(part, raw, start, end)
    if not spans and part.encoding:  # RFC 2045, section 6.4 forbids it; some encode the whole of it nevertheless
        raw = transfer_decoded(content, part, raw[start:end])
        start, end = 0, len(raw)
        spans = _spans(part, raw, start, end)
    if not spans:
        start, end = multipart.bare(part.parameters.get("boundary", ""), raw, start, end)
        if raw[start:end].strip():
            content.problem("Die Trennzeile zwischen den Teilen fehlt; der Rohtext steht da, wie er kam.")
        return _text(content, part._replace(content_type="text/plain", encoding=""), raw[start:end])
    default = "message/rfc822" if sub == "digest" else "text/plain"
    children: list[tuple[Part, list[Text]]] = []
    plain = 0  # the length of an alternative's plain text
    for span_start, span_end in spans:
        own, inside, faulty = header.split(raw, span_start, span_end)
        if faulty:
            content.problem("Der Kopf eines Teils ist fehlerhaft.")
        child = parts.describe(own, default)
        if not own and inside >= span_end:
            continue
        if plain > 0 and child.content_type == "text/html" and child.disposition != "attachment":
            data = transfer.decode(raw[inside:span_end], child.encoding)
            if plain > alternatives.LONG or plain * 8 > html.weight(data):
                content.identify_text(data)
                continue  # it says no more than the plain text, or would not be taken: not worth rendering
        texts = read(content, child, raw, inside, span_end, depth + 1, sub)
        if texts:
            children.append((child, texts))
        if sub == "alternative" and child.content_type == "text/plain" and texts:
            plain = alternatives.told(texts[0].text)
        if content.parts > limits.PARTS:
            content.identify(raw[span_end:end])
            break
    if sub == "alternative":
        return alternatives.preferred(children)
    if sub == "encrypted":
        content.problem(_ENCRYPTED)
    return alternatives.in_order(children)


def _spans(part: Part, raw: bytes, start: int, end: int) -> list[tuple[int, int]]:
    return multipart.spans(part.parameters.get("boundary", ""), raw, start, end)


# ---- leaves ----


def _file(content: Content, part: Part, data: bytes, depth: int, within: str) -> list[Text]:
    """A file; of a wrapper (Outlook's, or an opaque signature) what it holds."""
    if part.content_type in _SIGNED_TYPES:
        signed = smime.signed_content(data)
        if signed is not None:
            own, inside, _ = header.split(signed, 0, len(signed))
            return read(content, parts.describe(own), signed, inside, len(signed), depth + 1)
        if smime.is_encrypted(data):
            content.problem(_ENCRYPTED)
    wrapped = tnef.unwrap(data)
    if wrapped is None or not (wrapped.files or wrapped.text or wrapped.page or wrapped.rtf):
        content.file(part, data, related=within == "related")
        return []
    for name, inner in wrapped.files:
        content.file(parts.named(name), inner, related=False)
    return _wrapped_text(content, part, wrapped)


def _wrapped_text(content: Content, part: Part, wrapped: tnef.Wrapped) -> list[Text]:
    """The body inside Outlook's wrapper, unless the mail has it beside the wrapper, as it usually does."""
    if wrapped.text.strip():
        said = "".join(wrapped.text.split())
        if any(said == "".join(text.split()) for text in content.texts[:20]):
            return []
        return _text(content, part._replace(content_type="text/plain"), wrapped.text.encode("utf-8", "replace"))
    if content.texts:
        return []
    if wrapped.page.strip():
        return _text(content, part._replace(content_type="text/html"), wrapped.page.encode("utf-8", "replace"))
    said = rtf.to_text(wrapped.rtf, max(0, limits.TEXT_BYTES - content.text_bytes))
    content.text_bytes += rtf.length(wrapped.rtf)
    return _text(content, part._replace(content_type="text/plain"), said.encode("utf-8", "replace")) if said else []


def _text(content: Content, part: Part, data: bytes) -> list[Text]:
    content.identify_text(data)
    is_page = part.content_type == "text/html"
    if is_page and len(data) > limits.TEXT_BYTES:
        data = _EMBEDDED.sub(b"", data)
    room = max(0, limits.TEXT_BYTES - content.text_bytes)
    content.text_bytes += len(data)
    if len(data) > room:
        content.problem("Der Text ist ungewöhnlich lang; nur sein Anfang wurde gelesen.")
        data = data[:room]
    if b"=ybegin " in data:
        data, files = plain.without_yenc(data)
        for name, octets in files:
            content.file(parts.named(name), octets, related=False)
    label = part.parameters.get("charset", "")
    if is_page and not label and (meta := _META_CHARSET.search(data, 0, 4000)):
        label = meta[1].decode("ascii", "replace")
    if label and charsets.codec(label) == "?":
        content.problem(
            f"Der Zeichensatz „{clean.visible(label[:40])}“ ist unbekannt; der Text wurde nach bestem Wissen gelesen."
        )
    text, mended = clean.body(charsets.decode(data, label))
    if mended:
        content.problem("Die Nachricht enthielt Steuerzeichen; sie wurden entfernt.")
    if is_page or _MARKUP.match(text):
        text, _ = clean.body(html.to_text(text))
    elif part.content_type in {"text/enriched", "text/richtext"}:
        text = re.sub(r"<(?:param>[^<]*+</param|[^<>]*+)>", "", text.replace("<<", "<"))
    elif part.parameters.get("format", "").lower() == "flowed":
        text = plain.unflowed(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    else:
        text = umlauts.spelled_out(text)
    if "begin " in text and part.content_type == "text/plain":
        text, files = plain.without_files(text)
        for name, octets in files:
            content.file(parts.named(name), octets, related=False)
    text = text.strip("\n")
    if not text.strip():
        return []
    if text.startswith("-----BEGIN PGP MESSAGE-----"):
        content.problem(_ENCRYPTED)
    content.texts.append(text)
    return [Text(text, content.forwarded > 0)]


def _forwarded(content: Content, part: Part, raw: bytes, start: int, end: int, depth: int) -> list[Text]:
    """A message inside: one file, and its text opened."""
    if part.encoding and not (part.encoding == "base64" and raw.find(b":", start, min(end, start + 200)) >= 0):
        raw = transfer.decode(raw[start:end], part.encoding)  # forbidden (RFC 2045, section 6.4), but done
        start, end = 0, len(raw)
    own, inside, _ = header.split(raw, start, end)
    subject = header.text(own, b"subject")
    if not content.forwarded:
        content.originals.append(own)
    titled = not part.name and subject != ""
    name = file_names.safe(f"{subject.replace('/', '_')}.eml" if titled else part.name)
    inline, within = part.disposition == "inline", content.forwarded > 0
    content.files.append(Attachment(name, part.content_type, end - start, inline, forwarded=within, titled=titled))
    sender = address.first(header.plain(own, b"from"))
    content.identify(f"{subject}\n{sender.address}\n{header.plain(own, b'date')}".encode("utf-8", "replace"))
    content.forwarded += 1
    texts = read(content, parts.describe(own), raw, inside, end, depth + 1)
    content.forwarded -= 1
    return texts


def _fragment(content: Content, part: Part, raw: bytes, start: int, end: int, depth: int) -> list[Text]:
    """A piece of a message that was sent in several (RFC 2046, section 5.2.2): one file; what it says is read.

    The first piece begins with the message's own header. What is cut out of an encoded file says nothing.
    """
    number = part.parameters.get("number", "")
    content.problem("Die Nachricht wurde in mehreren Stücken verschickt; dies ist nur eines davon.")
    if number in {"", "1"}:
        return _forwarded(content, part, raw, start, end, depth)
    data = raw[start:end]
    content.file(part, data, related=False)
    if transfer.looks_like_base64(data) and not transfer.has_words(data):
        return []
    return _text(content, part._replace(content_type="text/plain", encoding="", parameters={}), data)

"""What a file is, by its first bytes where the sender's claim says nothing or something else."""

TEXT_FILES = frozenset(
    [
        *("text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv", "text/rtf", "text/xml"),
        *("text/css", "text/rfc822-headers", "text/x-patch", "text/x-diff", "text/javascript"),
        "text/tab-separated-values",
    ]
)
"""Text types that are files even without a name: nobody reads them as the mail's text."""

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
)
_ISO_MEDIA = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"avif": "image/avif"}
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OFFICE = {
    "docx": f"{_OPEN_XML}.wordprocessingml.document",
    "xlsx": f"{_OPEN_XML}.spreadsheetml.sheet",
    "pptx": f"{_OPEN_XML}.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_VAGUE = frozenset(
    [
        "application/octet-stream",
        "application/x-download",
        "application/download",
        "application/force-download",
        "application/unknown",
    ]
)


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF87a", b"GIF89a", b"%PDF-1", b"PK\x03\x04", _OLE)


def is_binary(data: bytes) -> bool:
    """Whether what is called a text is certainly a file by its first bytes: picture, PDF, archive, office document."""
    return data.startswith(_BINARY)


def by_content(claimed: str, data: bytes, name: str = "") -> str:
    """The type of these bytes as "type/subtype"; ``claimed`` where their beginning is not telling.

    Office documents need the file's ``name`` as well.
    """
    if data[4:8] == b"ftyp":
        found = _ISO_MEDIA.get(data[8:12], "video/mp4" if claimed in _VAGUE else claimed)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = "image/webp"
    else:
        found = next((kind for beginning, kind in _BEGINNINGS if data.startswith(beginning)), "")
    if not found and claimed in _VAGUE and data.startswith((b"PK\x03\x04", _OLE)):
        found = _OFFICE.get(name.rpartition(".")[2].lower(), "application/zip" if data[:2] == b"PK" else "")
    return found or claimed


def is_locked(data: bytes) -> bool:
    """Whether the bytes are an archive of which the first file needs a password."""
    return data.startswith(b"PK\x03\x04") and len(data) > 30 and bool(data[6] & 1)

"""The structure of a mail (RFC 2045 to 2049, 2231, 5322): header, parts, transfer encodings, charsets, file names."""

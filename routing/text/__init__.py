"""Understanding German text: keywords, places, redaction. Pure work: no I/O, no clock."""

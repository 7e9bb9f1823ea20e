"""What staff are told about a file: its protocol, the rows handed back, its faults."""

"""Manuals that are proved or made by running the program: the handbook, letters, faults of a mail server."""

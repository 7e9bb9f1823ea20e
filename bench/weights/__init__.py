"""How much the library's signs count: fitted to sentences whose answer is known, not guessed.

``python -m bench.weights report`` (or ``danger``) reads ``tests/data``, prints how sentences of other writers than
those it was fit to are judged, and writes the weights into ``routing/library``. ``--city FILE`` adds reports of a
city: a CSV file with semicolons and a column "text", which is not part of the repository.
"""

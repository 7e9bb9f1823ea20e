"""The pages in the house: what the desk decides and looks up in a browser, without a shell.

One way leads to every page: ``server`` (sockets) → ``application`` (addresses) → ``door`` (who asks, is the form
genuine) → a function in ``pages`` → ``answers`` (templates, headers). A page is a function of a ``visit.Visit``; it
reads and changes the store by the same functions as the command line (``routing.desk``) and never sends anything
itself. Nothing is loaded from elsewhere, and everything works without script. Why these libraries:
docs/decisions/2026-11-30-the-pages.md.
"""

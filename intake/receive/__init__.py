r"""Receiving: the one place where the order store → commit → acknowledge is written.

A mail is filed away and a log file renamed only after the commit that stores them. A crash in between leaves them
where they are; the next pass finds them stored by their key, and only files them away. Whatever cannot be read is
stored all the same, flagged, and the next message goes on. A full disk ends the pass with ``StorageFullError`` before
anything is acknowledged. ``mails`` works a mailbox, ``backlog`` a very full one, ``files`` a drop folder.
"""

"""Safekeeping: backup, restore and move of a whole installation, and what a start must not do on a wrong database.

copying     all rows from one database into another, counted and compared
archive     one compressed file, checked by its hashes
backup      the database of one moment, configuration and state, into an archive
restore     an archive in place of what is there
aftermath   going on safely after it: numbers, mail and letters since the backup
move        from one database to another
fitness     what keeps a daemon from a database
"""

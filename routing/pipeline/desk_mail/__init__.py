"""The desk's mail: what waits in review goes to it with a number each, and its members answer in lines.

``lists``: the list each working day and the short mails between; ``answers``: what members write back, done or asked
back; ``replies``: the one mail that says what was done.
"""

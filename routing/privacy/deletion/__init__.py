"""Deletion: by age, on demand, and again after a restore; from the database, the mail servers and the data folder.

retention    by age: which stages, in which order
due, others  what is due: of cases and messages, and of everything else
linked       which cases and messages go together
forgetting   what goes, and what stays empty
protocol     rule, place, count, time span, when, by whom
server       the mail servers' folders; ``copies``: what a restore laid aside
returning    what was erased is erased again after a restore
"""

"""Privacy: where personal data are, how long, who looked at them, and what a person may ask for.

places      every place of personal data, with the key of [retention] that ends it
retention   deletion by age: what is due, in which order, with a protocol
forgetting  what deletion and erasure do to rows: empty them, or take them out and leave figures
server      the same on the mail servers
copies      files that a restore laid aside
holds       what nothing deletes, and what nobody works on
looks       who looked
persons     finding somebody, by name, address, telephone, mail or number
export      what is known of a person, for that person
erasure     forgetting a person
returning   after a restore: what was forgotten is forgotten again
record      the record of processing activities, and a draft of the impact assessment

Above the store and the mailbox, below the doors. Only what a person may decide is asked of a person; nothing here
sends a letter.
"""

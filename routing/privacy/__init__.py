"""Privacy: where personal data are, how long, who looked at them, and what a person may ask for.

places      every place of personal data, with the key of [retention] that ends it
deletion    by age, on demand, after a restore
holds       what nothing deletes, and what nobody works on (Art. 18 GDPR)
looks       who looked
persons     finding somebody, by name, address, telephone, mail or number
export      what is known of a person, for that person (Art. 15, 20)
erasure     forgetting a person (Art. 17), and what remains
record      the record of processing activities (Art. 30), and a draft of the impact assessment (Art. 35)

Above the store and the mailbox, below the doors. Only a person decides about a person; nothing here sends a letter.
"""

"""Which column means what: finding the header, naming its columns, mending its width."""

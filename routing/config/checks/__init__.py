"""What must hold of a configuration beyond its types: addresses, rules, how its parts fit together."""

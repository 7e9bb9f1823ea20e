"""The rules in force, made of the rule library and config.toml; and where in these files each part of them stands."""

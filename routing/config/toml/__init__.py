"""The text of config.toml: encoding, syntax, repairs that explain a slip, positions of values, German messages."""

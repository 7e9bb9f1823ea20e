"""Changing config.toml for people: ``forms`` makes another text of it, ``saving`` writes that, never over a change."""

"""The commands, a module a subject, in folders by what they are about.

Each reads its arguments, calls a step below, and hands its result to output.
"""

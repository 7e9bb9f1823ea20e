"""The judgement itself, behind ``routing.rules``: rules compiled, matched, weighed, decided, explained. Pure work."""

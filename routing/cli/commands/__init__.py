"""The commands, a module a subject. Each reads its arguments, calls a step below, and hands its result to output."""

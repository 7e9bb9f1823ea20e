"""The tables of routing and whoever reads and writes them: cases, outbox, history, migrations."""

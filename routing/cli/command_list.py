"""Which module of ``routing.cli.commands`` holds which commands; a new one needs its line here (CONTRIBUTING.md)."""

COMMANDS = {
    "service.run": ("run", "once"),
    "service.status": ("status",),
    "service.demo": ("demo",),
    "rules.check": ("check",),
    "rules.explain": ("explain",),
    "rules.schema": ("schema",),
    "rules.in_force": ("rules",),
    "rules.classify": ("classify",),
    "rules.backtest": ("backtest",),
    "rules.suggest": ("suggest",),
    "cases.desk": ("list", "show", "assign", "close", "requeue", "ack", "answer"),
    "cases.outbox": ("outbox",),
    "rules.handback": ("handback",),
    "cases.preview": ("preview",),
    "service.reconcile": ("reconcile",),
    "service.read_log": ("read-log",),
}

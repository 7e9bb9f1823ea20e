"""The pages, one module each, whose ``ROUTES`` names its addresses; templates lie in ``routing/web/templates``."""

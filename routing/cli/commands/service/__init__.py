"""The service and its sources: run, once, the demo, reconciling, looking at a phone log."""

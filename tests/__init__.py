"""Tests of KOD intake, flat and named after the module they test; ``tests.servers`` holds the real servers."""

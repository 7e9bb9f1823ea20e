"""What the program is compared with: simpler programs that do (part of) the same work."""

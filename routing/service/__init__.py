"""The running service: daemon and once, what they share, health, alerts, logins."""

"""Real servers for tests, benchmarks and demonstrations: each starts on a free loopback port and stops by itself.

    dovecot      an IMAP server with any number of mailboxes (Debian package dovecot-imapd)
    postgresql   a database server in a temporary folder (Debian package postgresql)
    smtp         an SMTP server that keeps what it is sent and can be told to misbehave (aiosmtpd)
    tokens       an OAuth 2.0 token server, and the address where Dovecot asks whom a token belongs to
    fault_proxy  a TCP proxy that cuts, delays, swallows and rewrites
    certificates a certification authority that only the tests trust (trustme)

Nothing needs root; as root the two daemons run as ``nobody``. All are context managers. Start them from a thread that
lives as long as they do: they are told by the kernel to end with it, so that a killed test run leaves nothing behind.
"""

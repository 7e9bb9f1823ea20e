"""What benchmarks share: mailboxes full of mail, installations, servers, and measured processes."""

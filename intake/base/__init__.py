"""What both halves stand on: errors, German wording, processes and threads. Knows nothing of mail or messages."""

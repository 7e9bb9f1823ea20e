"""What looks like a topic and is none: names, places, what is said to be gone, what only says where."""

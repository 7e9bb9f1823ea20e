"""What the library's signs say of a message: whether it reports something, whether somebody is in danger."""

"""What a phone shows first, in one answer, and all that a new phone starts from."""

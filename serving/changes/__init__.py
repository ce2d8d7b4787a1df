"""What changed in a shop since a place in its sequence: one feed for phones and other programs."""

"""The stacks, one a concern."""

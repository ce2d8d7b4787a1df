"""Purchase orders: drafted, placed, received."""

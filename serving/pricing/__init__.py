"""Price advice within the law, and what the shop does with it."""

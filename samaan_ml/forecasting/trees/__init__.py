"""The global model: one boosted forest over rows sampled from all series."""

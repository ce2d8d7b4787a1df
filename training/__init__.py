"""The jobs of the one container image: prepare, fit, evaluate, gate, score and serve."""

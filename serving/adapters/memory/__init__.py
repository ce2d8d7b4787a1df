"""Adapters that live in the process: the embedded default of cache and rate limiter."""

"""Clients of the API in Python and TypeScript, written from its OpenAPI document by `python -m clients.generator`."""

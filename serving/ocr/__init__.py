"""Photographed bills: read, reviewed, and posted only when a person confirms."""

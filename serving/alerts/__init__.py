"""Alerts: raised once, snoozed, resolved on their own, sent through an outbox."""

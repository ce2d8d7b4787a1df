"""Stores on SQLite and PostgreSQL through SQLAlchemy Core, one schema and one code for both."""

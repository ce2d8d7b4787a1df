"""Stores on DynamoDB: three tables, conditional and transactional writes, queries by key and never a scan."""

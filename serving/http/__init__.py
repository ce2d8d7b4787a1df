"""What every request passes through: who calls, what it may send, and how errors are answered."""

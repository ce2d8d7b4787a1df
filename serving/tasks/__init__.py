"""What runs beside requests, by a schedule or by an operator's command."""

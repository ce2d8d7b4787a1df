"""Who provides what the ports ask for; modules named `technology` or `technology/port`."""

"""Items, deliveries, counts and the movements of stock."""

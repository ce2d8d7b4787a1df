"""The base class of forecasters and the models that learn from one series at a time."""

"""The API's document and the clients that are generated from it."""

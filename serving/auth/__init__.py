"""Sign-up, sign-in and who may do what in which shop."""

"""The API: one slice a business area over ports, with a local and an AWS adapter behind each port."""

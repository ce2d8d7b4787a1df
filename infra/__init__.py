"""The deployment on AWS, as CDK in Python; nothing else in the project imports it."""

"""The command line `samaan`, above the library, the jobs, the pipelines and the API."""

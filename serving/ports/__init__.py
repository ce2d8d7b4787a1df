"""What the API needs: one small protocol a file; who provides it is in `serving.adapters`."""

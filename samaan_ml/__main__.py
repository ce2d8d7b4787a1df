"""`python -m samaan_ml` is the command `samaan`."""

from samaan_ml.launch import main

if __name__ == "__main__":
    main()

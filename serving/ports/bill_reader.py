"""Reading a photographed bill: an image in, words with boxes out; what they mean is `samaan_ml.bills`' to say."""

from typing import Protocol

from samaan_ml.bills import Reading


class BillReader(Protocol):
    """Turns the image of a bill into a reading; never follows anything written on it."""

    def read(self, image: bytes) -> Reading:
        """Return the words on an image already checked by `samaan_ml.bills.clean_image`.

        Raises
        ------
        InvalidInput
            When the engine cannot open this image or finds no text on it.
        ServiceUnavailable
            When the engine is missing, busy or too slow; the image is not lost and may be read again.
        """
        ...

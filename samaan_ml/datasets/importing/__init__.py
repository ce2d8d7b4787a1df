"""A shop's own files in: invoices and messy sheets become tables, and every line is accounted for."""

from samaan_ml.datasets.importing._import import Format, ImportReport, import_file

__all__ = ["Format", "ImportReport", "import_file"]

"""Everything of one shop in one file, and from the file into an empty store."""

from serving.tasks.archive.shop import export_shop, import_shop

__all__ = ["export_shop", "import_shop"]

"""Reading exports: opens the zip, the folder or the CSV, and hands the text to `invitekit.dialects.export`."""

from invitekit.readers._export import read_export
from invitekit.readers._worklist import read_worklist

__all__ = ["read_export", "read_worklist"]

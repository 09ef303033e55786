# /// script
# dependencies = "requests"
# [tool.lilux]
# permissions = ["everything"]
# ///
"""Asks for too much."""

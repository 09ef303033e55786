"""Reads what it may not."""
# /// script
# [tool.lilux]
# permissions = ["reed filesystem src/**", "read filesytem out/**", "read fs lib/**"]
# ///

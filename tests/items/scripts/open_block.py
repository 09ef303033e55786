# /// script
# dependencies = ["a"]
"""Never closes the block."""

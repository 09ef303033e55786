# Has a text that does not end.
# /// script
# dependencies = ["requests
# ///
echo

# Shows what it is given.
# /// script
# [tool.lilux]
# inputs = [
#   "env",
#   {name = "max_count", type = "integer", default = 3, choices = [1, 3], description = "How many"},
#   {name = "file", required = true, positional = true},
#   {name = "env"},
#   7,
# ]
# ///
echo "$@"

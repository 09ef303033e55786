#!/bin/sh
# Takes away what a build leaves.
# It asks nobody.
#
# __version__: 1.1
# /// script
# [tool.lilux]
# permissions = ["write filesystem build/**"]
# ///
set -eu
rm -rf build  # all of it

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# format.sh ROOT: every C and C++ file is as clang-format writes it. To mend: clang-format-14 -i FILE.
cd "$1" || exit 2
find src fuzz bench -name node_modules -prune -o -type f \( -name '*.[ch]' -o -name '*.cc' \) -print0 |
    xargs -0 clang-format-14 --style=file --dry-run -Werror

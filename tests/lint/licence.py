#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source file says its licence on its first line, or behind the line that names its interpreter."""
import re
import sys

import tree

ENDINGS = (".c", ".h", ".cc", ".py", ".sh", ".mjs", "meson.build", "meson_options.txt", "Makefile")
# Scripts that carry no ending, by folder.
SCRIPT_FOLDERS = ("tools/", ".ci/")
LINE = re.compile(r"(/\*|//|#) SPDX-License-Identifier: Apache-2\.0( \*/)?$")


def main(root):
    complaints = []
    for path in tree.files(root):
        script = path.startswith(SCRIPT_FOLDERS) or path == "tests/unit"
        if not path.endswith(ENDINGS) and not script:
            continue
        first = tree.text(root, path).split("\n")[:2]
        place = 1 if first[0].startswith("#!") else 0
        if len(first) <= place or not LINE.match(first[place]):
            complaints.append(f"{path}:{place + 1}: SPDX-License-Identifier: Apache-2.0 is missing here")
    tree.end(complaints)


main(sys.argv[1])

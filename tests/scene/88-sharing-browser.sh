#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What partner officers agree to, in a real browser: tests/browser/sharing.py, which says what they do and what has to
# hold of every page.
. "${0%/*}/tap.sh"

for tool in chromium chromedriver; do
    command -v $tool >/dev/null || {
        skip "partner officers in a browser" "$tool is not installed"
        done_testing
    }
done
/usr/bin/python3 -c 'import selenium' 2>/dev/null || {
    skip "partner officers in a browser" "python3-selenium is not installed"
    done_testing
}

# It writes TAP itself. The folder of this scene is where it may leave things.
TMPDIR=$scene_folder PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$KENTONGAN_ROOT/tests/browser/sharing.py" "$KENTONGAN"

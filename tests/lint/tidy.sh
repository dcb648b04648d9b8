#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tidy.sh ROOT BUILD: clang-tidy with the checks of .clang-tidy over src. A finding is mended, or allowed beside the
# line: // NOLINT(check): the reason.
cd "$1" || exit 2
build=$2
notes=$2/tidy.notes

# What gcc is told about its own linking is nothing to clang.
# tidy OPTION... <FILES: what it says on standard error is how much it left out, unless it could not work at all.
tidy()
{
    xargs -0 -r -P "$(nproc)" -n 1 clang-tidy-14 --quiet -p "$build" --extra-arg=-Wno-ignored-optimization-argument "$@" 2>"$notes" || {
        grep -v 'warnings.* generated' "$notes"
        return 1
    }
}

known="--extra-arg=-I$1/src --extra-arg=-include --extra-arg=$1/tests/lint/known.h"
status=0
# shellcheck disable=SC2086
find src -name '*.c' ! -name '*_test.c' ! -path src/base/err.c -print0 | tidy $known || status=1
find src -path src/base/err.c -print0 | tidy || status=1
exit $status

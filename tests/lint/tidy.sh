#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tidy.sh ROOT BUILD [deep]: clang-tidy with the checks of .clang-tidy over src. A finding is mended, or allowed beside
# the line: // NOLINT(check): the reason. With "deep" its analyzer follows the paths through each function's calls, too,
# which takes thirty times as long.
cd "$1" || exit 2
build=$2
paths=${3:-quick}
notes=$2/tidy-$paths.notes

at_once=8 # files a process
analyzer='--checks=-clang-analyzer-*'
[ "$paths" = quick ] || at_once=1 analyzer='--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=mode=deep'

# What gcc is told about its own linking is nothing to clang.
# tidy OPTION... <FILES: what it says on standard error is how much it left out, unless it could not work at all.
tidy()
{
    # shellcheck disable=SC2086
    xargs -0 -r -P "$(nproc)" -n $at_once clang-tidy-14 --quiet -p "$build" --extra-arg=-Wno-ignored-optimization-argument $analyzer "$@" 2>"$notes" || {
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

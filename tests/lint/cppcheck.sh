#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cppcheck.sh ROOT BUILD: a finding is mended, or allowed beside the line: // cppcheck-suppress ID ; the reason.
# "AST broken, ternary operator" means that it cannot read a compound literal inside ?: and skips the file; write an if.
cd "$1" || exit 2
mkdir -p "$2/cppcheck"
# The results of unchanged files are kept in the build folder. Left out: it takes the error that TRY passes on for a
# pointer into whatever the call was given (returnDanglingLifetime).
find src -name '*.c' ! -name '*_test.c' | cppcheck --quiet -j 2 --cppcheck-build-dir="$2/cppcheck" --file-list=- \
    --std=c11 --language=c --platform=unix64 --enable=warning,performance,portability --inline-suppr \
    --error-exitcode=1 --suppress=missingIncludeSystem --suppress=returnDanglingLifetime \
    -D__x86_64__ -D_GNU_SOURCE -DKENTONGAN_VERSION='""' -I src \
    --template='{file}:{line}: {severity}: {message} [{id}]'

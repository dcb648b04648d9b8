#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The crash harness (tests/crash/crash.c) over CRASH_ROUNDS rounds of each kind with new seeds, and the rounds of
# src/db/fault_test.c as often. A round that fails says its seed; KENTONGAN_CRASH_SEED repeats it.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
export KENTONGAN_CRASH_ROUNDS="${CRASH_ROUNDS:-1000}"
export KENTONGAN_CRASH_SEED="${KENTONGAN_CRASH_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}"
export KENTONGAN_CRASH_TIMED=1

ninja -C "$build" --quiet tests/crash/crash src/db/db_fault_test >&2
echo "crash: $KENTONGAN_CRASH_ROUNDS rounds of each kind from seed $KENTONGAN_CRASH_SEED"
"$build/src/db/db_fault_test"
tests/with-postgres "$build/tests/crash/crash"

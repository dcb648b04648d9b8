#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Events of third parties in the formats of other programs: time, ends, class and observables are what an independent
# reading of the same input says. KENTONGAN_CONFORMANCE says where they are.
. "${0%/*}/tap.sh"

data=${KENTONGAN_CONFORMANCE:-$KENTONGAN_ROOT/../shared/conformance}/events
export PYTHONDONTWRITEBYTECODE=1
python=$KENTONGAN_ROOT/tests/conformance/events.py
run python3 "$KENTONGAN_ROOT/tests/conformance/exceptions.py"
is "$status:$out$err" "0:" "each exception has a suite, a case, a source and a reason"
if [ ! -d "$data" ]; then
    skip "third-party events" "there are none at $data"
    done_testing
fi

# suite NAME AT-LEAST: all cases, but for those of tests/data/exceptions.tsv, and an exception only where one is needed.
suite()
{
    run timeout 100 python3 "$python" "$KENTONGAN" "$data" "$1"
    case $status in
    77) skip "$1" "$err" ;;
    *)
        is "$status" 0 "$1: as expected" || note "$out$err"
        note "$1: $(printf '%s\n' "$out" | tail -n 1)"
        [ "$(printf '%s\n' "$out" | tail -n 1 | cut -d' ' -f1)" -ge "$2" ]
        ok $? "$1: at least $2 cases"
        ;;
    esac
}

suite n6 80
suite idea 10
suite fhir 17
suite intelmq 1300
suite zeek 24000
suite zeek-tsv 24000

done_testing

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node at work, and clients that want no good: each request that a proxy and a node could read in two ways is refused,
# nothing that hides behind it is answered, and others are served meanwhile.
. "${0%/*}/tap.sh"

for tool in curl python3; do
    command -v $tool >/dev/null || {
        skip "a node is served" "$tool is not installed"
        done_testing
    }
done
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 >made || exit 2
mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
exec 8<ready
read -r first <&8
url=${first#listening on }
port=${url##*:}
port=${port%/}
like "$first" "listening on http://127.0.0.1:[1-9]*/" "a node listens"

run python3 "$KENTONGAN_ROOT/tests/web/knock.py" "$port"
is "$out" "120 tried" "no ambiguous request is believed, and none that follows one is answered" || note "$out$err"
is "$(curl -s -m 10 "${url}health")" "ok" "others are served"

curl -s -m 10 -o answer -w '%{http_code}' -H 'Content-Encoding: gzip' --data-binary @made "${url}sign-in" >code
is "$(cat code)" 415 "a body that is packed is not unpacked"
like "$(cat answer)" "415 Unsupported Media Type: *RFC 9110 section 8.4*" "and it says why"
# upload BYTES: the status of a body that comes in chunks
upload()
{
    head -c "$1" /dev/zero | curl -s -m 20 -o answer -w '%{http_code}' -H 'Expect:' -T - -X POST "${url}sign-in"
}
is "$(upload 500000)" 413 "a body that is too large is told so"
is "$(upload 100000000)" 000 "and one without end is not read on"
is "$(curl -s -m 10 "${url}health")" "ok" "it is well still"

kill -TERM "$server"
wait "$server"
is "$?" 0 "it ends as it should"
is "$(grep -c 'level=error' log)" 0 "none of it was an error of ours" || note "$(cat log)"

done_testing

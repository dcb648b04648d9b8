#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Everybody who is signed in may turn out to be an attacker: an officer of the team, and the administrator of a
# constituent, fill every form they are told of with what does harm elsewhere, and guess at what is not theirs.
. "${0%/*}/tap.sh"

for tool in curl python3; do
    command -v $tool >/dev/null || {
        skip "a node is served" "$tool is not installed"
        done_testing
    }
done
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

password='empat kata yang baik'
printf '%s\n' "$password" >password
chmod 600 password
"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 >made || exit 2
"$KENTONGAN" -c node org add "RS Kenanga" --relation constituent >>made
"$KENTONGAN" -c node user add rini --role duty-officer --password-file password >>made
"$KENTONGAN" -c node user add sari --organisation "RS Kenanga" --role constituent-admin --password-file password >>made
"$KENTONGAN" -c node user add joko --organisation "RS Kenanga" --role liaison --password-file password >>made
"$KENTONGAN" -c node token add journal --for rini --scope read --json | sed 's/.*"token":"\([^"]*\)".*/\1/' >token
printf 'kantil.example\n192.0.2.7\n' | "$KENTONGAN" -c node import - >>made
people()
{
    "$KENTONGAN" -c node user list
    "$KENTONGAN" -c node token list
    "$KENTONGAN" -c node org list
}
people >before
mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
exec 8<ready
read -r first <&8
url=${first#listening on }
where=${url#http://}
where=${where%/}

# Number 1 is the first of users, organisations, tokens and sessions: none of sari's.
run python3 "$KENTONGAN_ROOT/tests/web/forms.py" "$where" "$password" rini sari:1
like "$status:$out" "0:[1-9][0-9][0-9]* sent" "every form answers as it should" || note "$out$err"
is "$(curl -s -m 10 "${url}health")" ok "the node is well"
is "$(grep -c 'level=error' log)" 0 "none of it was an error of ours" || note "$(grep 'level=error' log)"
people >after
is "$(diff before after)" "" "no user, token of others or organisation was changed"
curl -s -m 10 -H "Authorization: Bearer $(cat token)" "${url}journal?actor=sari" >journal
is "$(grep -o '"subject":"[^"][^"]*"' journal | sort -u)" '"subject":"user/3"' "and the constituent acted on the own account alone"

kill -TERM "$server"
wait "$server"
is "$?" 0 "it ends as it should"
done_testing

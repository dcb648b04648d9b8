#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who gets into a node, and how somebody is kept out of it: tokens, links for a new password, locks, certificates. What
# somebody gets is shown once; the node keeps nothing by which it could be shown again.
. "${0%/*}/tap.sh"

run "$KENTONGAN" init node --name "Melati CERT" --listen 192.0.2.10:8443 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"}
is "$status" 0 "a node is made"
printf 'correct drum battery\n' >password
chmod 600 password
run "$KENTONGAN" -c node user add melur --role analyst --password-file password
is "$status" 0 "with a user"

# ---- Tokens ----

run "$KENTONGAN" -c node token add "mail gateway" --for melur --scope read,taxii --expires 30d
like "$status:$out" "0:1	mail gateway	melur	read taxii	good	ends 20*Z
token  kt_*" "a token is made for a user, with what it may be used for"
token=${out##* }
is "${#token}" 46 "its secret is one that nobody guesses"
grep -rqF -e "$token" -e "${token#kt_}" node
is $? 1 "and is kept nowhere"
run "$KENTONGAN" -c node token add monitor --for administrator --scope metrics --json
like "$out" '{"number":2,"name":"monitor","user":"administrator","scopes":\["metrics"\],"state":"good","made":"*Z","ends":"*Z","used":null,"token":"kt_*"}' "as JSON, too"
run "$KENTONGAN" -c node token list
like "$out" "1	mail gateway	melur	read taxii	good	ends *
2	monitor	administrator	metrics	good	ends *" "they are listed without what is secret of them"
like "$out" "*" "whoever asks"
case $out in *kt_*) ok 1 "no token is shown again" ;; *) ok 0 "no token is shown again" ;; esac
run "$KENTONGAN" -c node token list --for melur
is "$(printf '%s\n' "$out" | wc -l)" 1 "or those of one user"
run "$KENTONGAN" -c node token revoke 1
like "$status:$out" "0:1	mail gateway	melur	read taxii	revoked	*" "one is taken back"
run "$KENTONGAN" -c node token revoke 1
is "$status:$err" "2:kentongan token: this token does not work any more as it is" "which is for ever"

# refused NAME WHY WORD...: nothing is made, and it is told why.
refused()
{
    name=$1
    why=$2
    shift 2
    run "$KENTONGAN" -c node "$@"
    is "$status:$out" "2:" "$name is refused"
    like "$err" "kentongan $1: $why" "and told why"
}
refused "a token of nobody" "whose? --for USER*" token add x --scope read
refused "a token of who is not there" "there is no user dahlia*" token add x --for dahlia --scope read
refused "a token for nothing" "what for? --scope read,taxii" token add x --for melur
refused "a scope that is none" "--scope takes read, write, taxii, match, metrics, events,*not root" token add x --for melur --scope read --scope root
refused "a token for ever" "--expires takes a time up to 1830d*" token add x --for melur --scope read --expires 10000d
refused "a number that is none" "*takes the number*" token revoke one
refused "a token that is not there" "there is no such token" token revoke 99

# ---- A new password ----

run "$KENTONGAN" -c node user reset melur
like "$status:$out" "0:melur	active	analyst	Melati CERT
link   https://192.0.2.10:8443/set-up/*" "who lost a password gets a link"
first=${out##*/}
run "$KENTONGAN" -c node user reset melur --json
like "$out" '{*"name":"melur"*"link":"https://192.0.2.10:8443/set-up/*"}' "another instead"
grep -rqF -e "$first" node
is $? 1 "kept nowhere"
run "$KENTONGAN" -c node user reset administrator
like "$out" "administrator	invited	sysadmin	Melati CERT
link   *" "an administrator who lost the way in, too"

# ---- Kept out ----

run "$KENTONGAN" -c node user lock melur
is "$out" "melur	locked	analyst	Melati CERT" "a user is locked"
refused "a link for who is locked" "the user is locked" user reset melur
run "$KENTONGAN" -c node user unlock melur
is "$out" "melur	active	analyst	Melati CERT" "and let in again"
run "$KENTONGAN" -c node user roles melur --role coordinator --role duty-officer
is "$out" "melur	active	duty-officer coordinator	Melati CERT" "other roles take the place of those there were"
run "$KENTONGAN" -c node user sessions melur
is "$status:$out" "0:" "nobody is signed in"
run "$KENTONGAN" -c node user sessions melur --end
is "$status:$out" "0:" "and nobody has to be signed out"
refused "to take off what is not there" "the user has no second factor" user second-factor melur --off
refused "to make a second factor here" "a second factor is made by its user*" user second-factor melur
refused "a user who is not there" "there is no user dahlia*" user lock dahlia

# ---- Certificates ----

cat >client.pem <<'PEM'
-----BEGIN CERTIFICATE-----
MIIBiTCCATugAwIBAgIURpsj84KGeTqZHsMGzNt5RwAAQEYwBQYDK2VwMDkxFDAS
BgNVBAoMC01lbGF0aSBDRVJUMSEwHwYDVQQDDBhjb2xsZWN0b3IubWVsYXRpLmV4
YW1wbGUwIBcNMjYxMTIxMTcyNTE4WhgPMjEyNjEwMjgxNzI1MThaMDkxFDASBgNV
BAoMC01lbGF0aSBDRVJUMSEwHwYDVQQDDBhjb2xsZWN0b3IubWVsYXRpLmV4YW1w
bGUwKjAFBgMrZXADIQDu2dUyzChhHoAhTMp6QOm7PvGzkWicuhsv0U0pYB0jhaNT
MFEwHQYDVR0OBBYEFB0wiawVWCMgGfcO8tIYXWf2Aui+MB8GA1UdIwQYMBaAFB0w
iawVWCMgGfcO8tIYXWf2Aui+MA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAKS/T
UCLjpcThHEtaR4h+x/UMflUrTNEFHM4n0AlL7xwl9rQCuypJMSS1zHq5mtFTrrOQ
/ENzxPHBmV6LVDZPBg==
-----END CERTIFICATE-----
PEM
print=30cd15843fbe85272695e6f1cf599fc2a5ebef149f4b3059f015a014aaea462e
run "$KENTONGAN" -c node user certificate melur --add client.pem
is "$status:$out" "0:$print	CN=collector.melati.example,O=Melati CERT	2126-10-28T17:25:18.000000Z" "a certificate stands for a user"
refused "a second owner" "the certificate is somebody's already" user certificate administrator --add client.pem
refused "what is no certificate" "password: this is no certificate*" user certificate melur --add password
run "$KENTONGAN" -c node user certificate melur --json
is "$out" "{\"fingerprint\":\"$print\",\"subject\":\"CN=collector.melati.example,O=Melati CERT\",\"expires\":\"2126-10-28T17:25:18.000000Z\"}" "it is listed"
run "$KENTONGAN" -c node user certificate melur --remove "$(printf '%s' "$print" | tr a-f A-F | sed 's/../&:/g; s/:$//')"
is "$status" 0 "and taken away by its fingerprint"
run "$KENTONGAN" -c node user certificate melur
is "$status:$out" "0:" "then nothing is listed"

# ---- Closed ----

run "$KENTONGAN" -c node user close melur
is "$out" "melur	closed	duty-officer coordinator	Melati CERT" "a user is closed"
refused "to open it again" "a user who is closed cannot become invited" user unlock melur
refused "a token for who is closed" "the user is closed" token add x --for melur --scope read
refused "the name for somebody else" "there is a user \"melur\" already" user add melur --role analyst

# ---- At the door of a server: what is done here holds there at once ----

for tool in curl python3; do
    command -v $tool >/dev/null || {
        skip "what is done to users holds at a server" "$tool is not installed"
        done_testing
    }
done
sed 's/^listen = .*/listen = 127.0.0.1:0/' node/node.conf >conf && cat conf >node/node.conf
"$KENTONGAN" -c node user add mawar --role coordinator --password-file password >/dev/null
token=$("$KENTONGAN" -c node token add script --for mawar --scope read | sed -n 's/^token *//p')
mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$scene_folder"' EXIT
exec 8<ready
read -r first <&8
url=${first#listening on }

# get CURL-OPTION...: the status of a page that only who is known sees.
get()
{
    curl -s -m 10 -D head -o body -w '%{http_code}' -H 'Accept: application/json' "$@" "${url}journal"
}
# enter JAR: signs mawar in.
enter()
{
    curl -s -m 10 -o body -w '%{http_code}' -c "$1" -H "Origin: ${url%/}" --data-urlencode name=mawar \
        --data-urlencode 'password=correct drum battery' "${url}sign-in"
}
is "$(get)" 401 "nobody is nobody"
is "$(get -H "Authorization: Bearer $token")" 200 "a token is its user"
is "$(get -u "mawar:$token")" 200 "as a password of that name, too"
is "$(get -u "administrator:$token")" 401 "and of no other"
is "$(get -u 'mawar:correct drum battery')" 200 "a name and password are somebody"
is "$(enter jar)" 303 "who signs in"
is "$(get -b jar)" 200 "has a session"
run "$KENTONGAN" -c node user sessions mawar
like "$out" "*	password	127.0.0.1	seen 20*Z	curl*" "that is told, with where it came from"
"$KENTONGAN" -c node user lock mawar >/dev/null
is "$(get -H "Authorization: Bearer $token"):$(get -b jar):$(get -u 'mawar:correct drum battery')" "401:401:401" "locked, no way leads in"
is "$(enter other)" 401 "not even the door"
"$KENTONGAN" -c node user unlock mawar >/dev/null
is "$(get -H "Authorization: Bearer $token"):$(get -b jar)" "200:401" "unlocked, the token works again, the session is over"
is "$(enter jar):$(get -b jar)" "303:200" "until the next"
"$KENTONGAN" -c node user sessions mawar --end
is "$(get -b jar)" 401 "all sessions are ended from here"
"$KENTONGAN" -c node user roles mawar --role analyst >/dev/null
is "$(get -H "Authorization: Bearer $token")" 403 "another role holds at once: an analyst reads no journal"
"$KENTONGAN" -c node token list --for mawar | grep -q 'good	.*	used 20'
is $? 0 "that a token was used is told"
number=$("$KENTONGAN" -c node token list --for mawar | cut -f 1)
"$KENTONGAN" -c node token revoke "$number" >/dev/null
is "$(get -H "Authorization: Bearer $token")" 401 "and taken back at once"
last=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    last=$(get -u "mawar:wrong drum battery")
    [ "$last" -ne 429 ] || break
done
is "$last" 429 "who fails again and again waits"
like "$(tr -d '\r' <head)" "*Retry-After: *" "and is told how long"
kill -TERM "$server"
wait "$server"
is $? 0 "the server ends"

done_testing

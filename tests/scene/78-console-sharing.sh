#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sharing at the console: a partner is taken in and compared by telephone, terms are drafted, offered by one person and
# agreed to by another, a question before a release is answered, what left is previewed and recalled, and an entry of
# the ledger is taken along with its proof, which is checked without the node. Who may not see content sees none.
. "${0%/*}/node.sh"
needs "sharing at the console" curl

node_init "Melati CERT"
"$KENTONGAN" init other --name "CERT Kenanga" --listen 127.0.0.1:0 >made || exit 2
"$KENTONGAN" -c other partner introduce --contact "jaga, +62 00 0000" -o other.json || exit 2
for who in "ayu manager" "bima manager" "citra auditor" "dodi sysadmin"; do
    kt user add "${who% *}" --role "${who#* }" --password-file password
done
node_begin

# second NUMBER: bima looks at what ayu proposed, and agrees.
second()
{
    page bima "/approvals/$1" >/dev/null
    digest=$(hidden digest)
    submit bima "/approvals/$1" answer=agree "digest=$digest"
}
sure ayu
sure bima
signs_in citra >/dev/null
signs_in dodi >/dev/null

# ---- A partner ----

like "$(submit ayu /partners file=@other.json)" "303 *" "an introduction is taken in"
shown=$(page ayu /partners/1)
like "$shown" '200 *Compare by telephone*name="heard"*' "what is to be read out stands there"
theirs=$("$KENTONGAN" -c node partner show "CERT Kenanga" | sed -n 's/^theirs  *//p')
case $shown in *"$theirs"*) ok 1 "what is to be heard does not" ;; *) ok 0 "what is to be heard does not" ;; esac
like "$(submit ayu /partners/1/confirm "heard=bababa bababa bababa bababa bababa bababa bababa bababa")" \
    "403 *not the fingerprint*" "a wrong fingerprint is refused"
like "$(submit ayu /partners/1/confirm "heard=$theirs")" "303 *" "the right one is taken"
like "$(json ayu /partners/1)" '200 *"state":"confirmed"*' "it waits for the other side"
like "$(submit dodi /partners/1/confirm "heard=$theirs")" "403 *" "who keeps the node running compares nothing alone"

# ---- Terms, with one that has TAXII only ----

kt partner add --no-url --name "RS Anggrek" --country ID
like "$(page ayu /partners/2)" "200 *cannot prove or acknowledge*acknowledges no recall*" "what it cannot prove is said"
like "$(submit ayu /partners/2/draft purpose=Hospitals kind=indicator highest=TLP:AMBER unmarked=TLP:AMBER onward=no \
    until=2099-12-31 after_end=delete)" "303 *" "terms are drafted"
like "$(submit ayu /partners/2/draft purpose=Hospitals kind=indicator until=soon)" "400 *until when*" "without an end they are not"
like "$(page ayu /agreements/1)" "200 *Types of objects that may leave*Indicator*both delete it*" "they are read in plain words"
like "$(submit ayu /agreements/1/act act=offer "reason=as agreed")" "303 *" "one person offers them"
like "$(page bima /)" '200 *class="waiting">1<*1 proposal waits*' "another sees that something waits"
like "$(page bima /approvals/1)" "200 *Offer terms to a partner*as agreed*Proposed by*ayu*Hospitals*" "and what exactly"
like "$(submit ayu /approvals/1 answer=agree "digest=$(hidden digest)")" "403 *" "who proposed it is no second person"
like "$(submit bima /approvals/1 answer=agree digest=00)" "409 *" "nobody agrees to what the page did not show"
like "$(second 1)" "303 *" "another person agrees"
sleep 1
submit ayu /agreements/1/act act=accept "words=Yes, we take them" "reason=they said so" >/dev/null
like "$(second 2)" "303 *" "what it said in its own words is accepted the same way"
like "$(json ayu /agreements/1)" '200 *"state":"in-force"*"words":"Yes, we take them"*' "the agreement is in force"

# ---- Asked, released, recalled ----

cat >list.json <<'EOF'
{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[{"type":"indicator","spec_version":"2.1",
"id":"indicator--11111111-1111-4111-8111-111111111112","created":"2026-11-21T10:00:00.000Z",
"modified":"2026-11-21T10:00:00.000Z","name":"Phishing","pattern":"[domain-name:value = 'login.example.net']",
"pattern_type":"stix","valid_from":"2026-11-21T10:00:00Z","indicator_types":["malicious-activity"],
"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}]}
EOF
kt import list.json
like "$(page ayu "/releases?partner=2")" "200 *0 would leave, 1 would stay*two persons have to agree*" "by which rule it stays"
tries=0
while [ "$tries" -lt 25 ]; do
    tries=$((tries + 1))
    shown=$(json ayu /asks)
    case $shown in *'"rule":"persons"'*) break ;; esac
    sleep 0.2
done
like "$(page ayu /asks)" '200 *Indicator*RS Anggrek*Phishing*login[[].]example*' "the question has its examples, defanged"
like "$(submit ayu /asks/1 answer=kind "reason=as agreed" days=30)" "303 *" "one person says yes"
like "$(second 3)" "303 *" "another agrees"
tries=0
while [ "$tries" -lt 25 ]; do
    tries=$((tries + 1))
    shown=$(page ayu "/releases?partner=2")
    case $shown in *"they can fetch it"*) break ;; esac
    sleep 0.2
done
like "$shown" "200 *1 would leave*example[[].]net*they can fetch it*" "it is released; its bytes are shown defanged"
like "$(submit ayu /releases/recall id=indicator--11111111-1111-4111-8111-111111111112 "reason=wrong")" \
    "200 *Request a recall?*1 release of it is known*" "a recall is asked once more"
like "$(submit ayu /releases/recall id=indicator--11111111-1111-4111-8111-111111111112 "reason=wrong" confirm=yes)" \
    "303 *" "and requested"
shown=$(page ayu /releases)
like "$shown" "200 *requested; it cannot answer: call them*" "what cannot be answered is said"
case $shown in *[Rr]emoved*) ok 1 "nothing is called removed" ;; *) ok 0 "nothing is called removed" ;; esac

# ---- The ledger ----

log=$(json ayu /ledger | sed 's/.*"number":\([0-9]*\),"kind":"partner".*/\1/')
like "$(page ayu "/logs/$log")" "200 *release*agreement*" "entries are read by who sees content"
like "$(page dodi "/logs/$log")" "200 *for others to read*" "who sees none sees sizes"
like "$(page dodi "/logs/$log/0/proof")" "403 *" "and gets no proof"
like "$(page ayu /logs/1/0/proof)" "403 *" "the private log is for auditors"
like "$(page citra /logs/1)" "200 *It says*partner.introduced*" "who read it"
page ayu "/logs/$log/1/proof" -o proof >/dev/null
json ayu "/logs/$log/1" >/dev/null
key=$(sed -n 's/.*"keys":\["\([^"]*\)".*/\1/p' answer)
run "$KENTONGAN" ledger check-proof proof --key "$key"
is "$status:$err" "0:" "a proof is checked without the node"
like "$(page dodi /releases?partner=2)" "200 *" "pages are for who keeps the node running, too"
case $(sed '$d' answer) in *indicator--11111111*as\ they*) ok 1 "without content" ;; *) ok 0 "without content" ;; esac

# ---- The end ----

like "$(submit ayu /agreements/1/act act=end "reason=over")" "200 *End this agreement now?*" "the end is asked once more"
like "$(submit ayu /agreements/1/act act=end "reason=over" confirm=yes)" "303 *" "and comes"
like "$(json ayu /agreements/1)" '200 *"state":"ended"*' "the agreement has ended"
like "$(submit ayu /partners/2/state act=suspend "reason=nobody answers")" "303 *" "a partner is suspended"
like "$(json ayu /partners)" '200 *"name":"RS Anggrek"*"state":"suspended"*' "as the list says"
curl -s -b jar-ayu -H 'Accept: text/html' -H 'Accept-Language: id' "$url/partners/2" >answer
like "$(cat answer)" '*Diberikan dan diterima*' "all of it in Bahasa Indonesia, too"
done_testing

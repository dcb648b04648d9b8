#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What partner officers agree to, by forms and by their JSON: a partner without a node, a consent on paper, a standing
# rule, a sharing group, a preview under terms that wait. Whatever is typed is shown as it is and does nothing else.
. "${0%/*}/node.sh"
needs "forms of sharing" curl

node_init "Melati CERT"
"$KENTONGAN" init other --name "CERT Kenanga" --listen 127.0.0.1:0 >made || exit 2
"$KENTONGAN" -c other partner introduce --contact "jaga" -o other.json || exit 2
"$KENTONGAN" -c node partner add other.json >made || exit 2
# shellcheck disable=SC2046 # eight words are eight arguments
"$KENTONGAN" -c node partner confirm "CERT Kenanga" \
    $("$KENTONGAN" -c node partner show "CERT Kenanga" | sed -n 's/^theirs  *//p') >made || exit 2
kt user add ayu --role manager --password-file password
kt user add citra --role auditor --password-file password
node_begin

# agreed NUMBER: another person, who owns the keys of the node, agrees on its machine.
agreed()
{
    kt approval show "$1"
    kt approval agree "$1" "$(echo "$out" | sed -n 's/^digest   //p')"
    is "$status:$err" "0:" "another person agrees"
}
sure ayu
signs_in citra >/dev/null

# ---- A partner without a node ----

like "$(page ayu /partners)" '200 *Add a partner without a node*acknowledges no recall*' "what it cannot prove is said before"
like "$(submit ayu /taxii-partner "name=RS Anggrek <script>alert(1)</script>" url=file:///etc/passwd)" \
    '400 *no URL*value="RS Anggrek &lt;script&gt;alert(1)&lt;/script&gt;"*' "an address that is none is refused, nothing typed is lost"
like "$(submit ayu /taxii-partner name=)" "400 *A name is needed*" "nor without a name"
like "$(submit citra /taxii-partner name=x)" "403 *" "an auditor adds none"
like "$(submit ayu /taxii-partner "name=RS Anggrek <script>alert(1)</script>" country=ID contact=jaga)" "303 *" "one is added"
shown=$(page ayu /partners/2)
like "$shown" '200 *RS Anggrek &lt;script&gt;*partner-rs-anggrek*acknowledges no recall*token add*' "with an account, and what comes next"
case $shown in *"<script>alert"*) ok 1 "its name does nothing" ;; *) ok 0 "its name does nothing" ;; esac

# ---- A consent on paper ----

id=indicator--6b616c61-0000-4000-8000-0000000000c1
printf '%%PDF-1.7\n\000\377 a scan\n' >scan.pdf
digest=$(sha256sum scan.pdf | cut -d ' ' -f 1)
paper()
{
    submit ayu /consents "$@" originator=2 recipient=affected until=2098-12-31 given=2026-11-02 "giver=Ibu Sari" \
        "paper=letter 12" "reason=they sent it" # of a field that stands twice the first counts
}
like "$(paper ids="$id bad")" "400 *bad is not the id of an object*" "an id that is none is named"
like "$(paper)" "400 *Name the objects*" "a paper is about something"
like "$(paper ids=$id type=report)" "400 *not both*" "not about two things"
like "$(paper ids=$id file=@scan.pdf scan=00$(echo "$digest" | cut -c 3-))" "409 *not the scan with that digest*" \
    "the scan is the one that was named"
like "$(paper ids=$id until=2098-02-30)" "400 *2027-12-31*" "a day is one of the calendar"
like "$(submit citra /consents paper=x)" "403 *" "an auditor notes none"
like "$(paper ids=$id file=@scan.pdf)" "303 *" "one person notes it"
like "$(json ayu /consents)" '200 *"rows":[[]],*' "which alone is nothing"
like "$(page ayu /approvals/1)" "200 *Whose information it is*Who gave the consent*Ibu Sari*$digest*" "it waits, in plain words"
agreed 1
like "$(json ayu /consents)" "200 *\"state\":\"given\"*\"id\":\"$id\"*\"giver\":\"Ibu Sari\"*\"scan\":\"$digest\"*" "and it holds"
kt release consent list
like "$out" "*given*$id*letter 12*given by Ibu Sari*scan $digest*" "as the command says"
like "$(submit ayu /consents/1/end reason=)" "400 *say why*" "it is not taken back without a reason"
like "$(submit ayu /consents/1/end "reason=they called")" "303 *" "it is taken back by one person"
like "$(json ayu /consents)" '200 *"state":"withdrawn"*"holds":false*' "at once"

# ---- A standing rule ----

like "$(submit ayu /release-rules partner=2 type=indicator highest=TLP:RED reason=x)" "400 *up to which marking*" "RED is for persons"
like "$(submit ayu /release-rules partner=99 type=indicator highest=TLP:GREEN reason=x)" "404 *" "nor for somebody who is not there"
like "$(submit ayu /release-rules partner=2 type=indicator highest=TLP:GREEN days=30 "reason=as agreed")" "303 *" "a rule is proposed"
agreed 2
like "$(page ayu /release-rules)" '200 *Indicator*TLP:GREEN*by two persons*End it*' "it holds"
like "$(submit ayu /release-rules/1/end "reason=over")" "303 *" "one person ends it"
like "$(json ayu /release-rules)" '200 *"over":true*' "at once"

# ---- A sharing group ----

own=$(json ayu /groups | sed 's/.*"members":\[{"node":"\([^"]*\)".*/\1/')
theirs=$(json ayu /partners/1 | sed 's/.*"node":"\([^"]*\)".*/\1/')
group()
{
    submit ayu "$@" "name=Kesehatan <b>" "purpose=Melindungi rumah sakit" quorum=2 yes=2 of=3 days=14 marking=TLP:AMBER \
        "reason=as agreed"
}
like "$(group /groups "member=$own")" "400 *two members at least*" "a group has two members"
like "$(group /groups "member=$own" member=identity--6b616c61-0000-4000-8000-0000000000ff)" "400 *a member is a partner with a node*" \
    "whom we know"
like "$(group /groups "member=$own" "member=$theirs")" "303 *" "terms are proposed by their fields"
agreed 3
until_like '200 *"quorum":{"value":2*"yes_short":{"value":1*' json ayu /groups/1
ok $? "the vote says what it lacks"
shown=$got
shown=$(page ayu /groups/1)
like "$shown" '200 *Kesehatan &lt;b&gt;*Who has not*CERT Kenanga*1 more yes-vote is needed*' "and who has not voted"
like "$(page ayu /groups/1/terms)" "404 *" "nothing holds yet"

# ---- What would leave under terms that wait ----

like "$(page ayu "/releases?partner=2&terms=waiting")" "200 *" "without an agreement it is said that there is none"
submit ayu /partners/2/draft purpose=Hospitals kind=indicator highest=TLP:AMBER unmarked=TLP:AMBER onward=no until=2099-12-31 \
    after_end=delete >/dev/null
like "$(page ayu /agreements/1)" '200 *partner=2&amp;terms=waiting*' "a draft leads to its preview"
cat >list.json <<'EOT'
{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-0000000000c1","objects":[{"type":"indicator","spec_version":"2.1",
"id":"indicator--6b616c61-0000-4000-8000-0000000000c1","created":"2026-11-01T00:00:00.000Z",
"modified":"2026-11-01T00:00:00.000Z","name":"Phishing","pattern":"[domain-name:value = 'a.example']",
"pattern_type":"stix","valid_from":"2026-11-01T00:00:00Z","indicator_types":["malicious-activity"]}]}
EOT
kt import list.json
like "$(page ayu "/releases?partner=2&terms=waiting")" "200 *do not hold yet*1 would stay*two persons*" "the draft's decision is shown"
like "$(page ayu "/releases?partner=2")" "200 *no agreement with that partner*" "and nothing leaves by it"
kt release preview --to "RS Anggrek <script>alert(1)</script>" --waiting
like "$out" "stays*indicator--*persons*" "the command says the same"
done_testing

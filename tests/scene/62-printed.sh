#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The account of an incident is printed by a real browser: its marking stands at the head and foot of every sheet, nothing
# stands under it, and nothing of the account is lost between two sheets.
. "${0%/*}/tap.sh"

for tool in chromium pdftotext; do
    command -v $tool >/dev/null || {
        skip "an account on paper" "$tool is not installed"
        done_testing
    }
done

"$KENTONGAN" init node --name "Melati CERT" >made || exit 2
"$KENTONGAN" -c node incident open "Ransomware di RS Melur" --class malicious-code/infected-system --severity critical >made
for number in $(seq 101 140); do
    "$KENTONGAN" -c node incident note 1 "Catatan nomor $number: layar merah di ruang tunggu dan di ruang jaga, juga di apotek" >made
done
"$KENTONGAN" -c node incident report 1 --as html >account.html
HOME=$PWD timeout 100 chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$PWD/profile" --no-pdf-header-footer \
    --print-to-pdf=account.pdf "file://$PWD/account.html" >printed 2>&1
pdftotext -bbox account.pdf boxes.html
pdftotext account.pdf text

# A mark is the word at the right edge. Of each sheet: how many there are, and what stands under one of them.
awk -F'"' '/<page/ { width = $2; sheet++; words = 0 }
    /<word/ { words++; x[words] = $2; y[words] = $4; to_x[words] = $6; to_y[words] = $8; word[words] = $9 }
    /<\/page>/ {
        marks = 0
        for (i = 1; i <= words; i++) {
            if (word[i] !~ />TLP:AMBER</ || to_x[i] < width - 55)
                continue
            marks++
            for (j = 1; j <= words; j++)
                if (j != i && x[j] < to_x[i] && to_x[j] > x[i] && y[j] < to_y[i] && to_y[j] > y[i])
                    print sheet ": under the mark: " word[j]
        }
        if (marks != 2)
            print sheet ": " marks " marks"
    }
    END { print sheet " sheets" }' boxes.html >found
like "$(cat found)" "[3-9] sheets" "the marking stands twice on each of several sheets, and nothing under it" || note "$(cat found)"
is "$(grep -o 'nomor 1[0-9][0-9]' text | sort -u | wc -l | tr -d ' ')" 40 "all that was written is on paper"
done_testing

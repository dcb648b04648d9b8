#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# self_test.sh ROOT KENTONGAN: each rule of lint can fail. In a small tree that is in order, one thing is made
# wrong; the rule has to say what and where.
. "${0%/*}/../scene/tap.sh"
root=$1
kentongan=$2
rules=$root/tests/lint
tree=$PWD/tree
build=$PWD/build

mkdir -p "$tree/src/base" "$tree/src/case" "$tree/src/match" "$tree/doc" "$tree/fuzz" "$tree/bench" "$tree/tests/lint" "$build"
cp "$root/.clang-format" "$root/.clang-tidy" "$tree"
cp -r "$root/doc/man" "$tree/doc"
cp "$root"/src/base/*.h "$tree/src/base"
cp "$root"/src/case/*.h "$root/src/case/rights_test.c" "$tree/src/case"
mkdir -p "$tree/src/web/static"
cp "$root/src/web/static/kentongan.css" "$tree/src/web/static"
cp "$root/doc/look.md" "$tree/doc"
printf '/* SPDX-License-Identifier: Apache-2.0 */\n' >"$tree/src/web/journal.c"
cp "$rules/known.h" "$tree/tests/lint"
for document in README ARCHITECTURE CONTRIBUTING SECURITY CHANGELOG; do
    echo "Start in \`src/base/half.c\`." >"$tree/$document.md"
done
cat >"$tree/src/base/half.c" <<'C'
/* SPDX-License-Identifier: Apache-2.0 */
int half(int n);
int half(int n)
{
    return n / 2;
}
C
echo "[{\"directory\": \"$tree\", \"file\": \"src/base/half.c\", \"command\": \"cc -c src/base/half.c\"}]" \
    >"$build/compile_commands.json"

# The arguments that a rule takes behind the root.
rule()
{
    case $1 in
    man.py) set -- "$1" "$kentongan" ;;
    cppcheck.sh | tidy.sh) set -- "$1" "$build" ;;
    esac
    name=$1
    shift
    run "$rules/$name" "$tree" "$@"
}

mkdir -p "$tree/po"
cat >"$tree/src/base/third.c" <<'C'
/* SPDX-License-Identifier: Apache-2.0 */
#define W(text) text
const char *third(void);
const char *third(void)
{
    return W("A third of {{n}}");
}
C
cat >"$tree/po/id.po" <<'PO'
msgid "A third of {{n}}"
msgstr "Sepertiga dari {{n}}"

PO

for name in acts.py contrast.py includes.py licence.py rights.py words.py docs.py translations.py man.py format.sh cppcheck.sh tidy.sh; do
    rule $name
    is "$status" 0 "$name has nothing against a tree that is in order" || note "$out$err"
done

# planted RULE FILE TEXT COMPLAINT: with TEXT at its end, FILE is complained of.
planted()
{
    cp "$tree/$2" before 2>/dev/null || rm -f before
    printf '%s\n' "$3" >>"$tree/$2"
    rule "$1"
    like "$status:$out$err" "[1-9]*:*$2*$4*" "$1 finds: $4"
    if [ -f before ]; then
        cp before "$tree/$2"
    else
        rm "$tree/$2"
    fi
}

planted includes.py src/base/half.c '#include "match/match.h"' 'src/base may not include "match/match.h"'
planted includes.py src/match/up_test.c '#include "json/read.h"' 'src/match may not include "json/read.h"'
planted includes.py src/base/half.c '#include "buf.h"' 'write it with its folder'
planted acts.py src/base/tell.c 'int f(void) { return tell(work, "drum.beaten", 1); }' '"drum.beaten" has no words'
planted rights.py src/case/alert.h 'MUST_USE struct err case_alert_burn(struct work *work, int64_t alert);' 'case_alert_burn is asked by nobody'
planted licence.py src/base/bare.c 'int bare;' 'SPDX-License-Identifier: Apache-2.0 is missing here'
planted licence.py bench/bare.py 'print()' 'SPDX-License-Identifier: Apache-2.0 is missing here'
# Words are in two pieces, or their own rule would find them here.
planted words.py src/base/half.c "/* TO""DO: the other half */" 'do it'
planted words.py README.md "Unpack it in /ho""me/somebody." "somebody's machine"
planted words.py src/base/half.c "int n; " 'white space at the end'
planted docs.py ARCHITECTURE.md 'See `src/base/quarter.c`.' 'there is no src/base/quarter.c'
planted docs.py CONTRIBUTING.md 'Add `src/nowhere/NAME.c`.' 'there is no src/nowhere/NAME.c'
planted docs.py README.md '[why](doc/why/not.md)' 'the link to doc/why/not.md leads nowhere'
planted translations.py src/base/half.c 'W("A quarter")' 'po/id.po lacks the text: A quarter'
planted translations.py po/id.po '
msgid "A fifth"
msgstr "Seperlima"' 'nothing says this any more: A fifth'
planted translations.py po/sentences 'Six of them' 'no source says: Six of them'
planted translations.py po/kentongan.pot '#' 'is not what tools/words writes'
sed -i 's/^msgstr/#, fuzzy\n&/' "$tree/po/id.po"
rule translations.py
like "$status:$out" "1:po/id.po:1: in doubt (fuzzy): A third*" "translations.py finds a translation in doubt"
sed -i '/fuzzy/d; s/dari {{n}}/dari {{m}}/' "$tree/po/id.po"
rule translations.py
like "$status:$out" "1:po/id.po:1: names what its text does not have: m: A third*" "translations.py finds another name"
sed -i 's/dari {{m}}/<b>dari<\/b>/' "$tree/po/id.po"
rule translations.py
like "$status:$out" "1:po/id.po:1: has other markup than its text: A third*" "translations.py finds other markup"
sed -i 's/^msgstr.*/msgstr ""/' "$tree/po/id.po"
rule translations.py
like "$status:$out" "1:po/id.po:1: is not translated: A third*" "translations.py finds what is not translated"
planted contrast.py doc/look.md '| `ink` | `rail` | 4.5 | 1.1 | 1.1 |' 'less than 4.5'
planted contrast.py doc/look.md '| `ink` | `paper` | 4.5 | 5.0 | 5.0 |' 'not 5.0'
planted man.py doc/man/kentongan-match.1.scd '*--invented* _FILE_' '--invented FILE is not an option of the program'
planted man.py doc/man/kentongan-invented.1.scd 'kentongan-invented(1)' 'there is no such command'
planted man.py doc/man/kentongan.conf.5.scd '# SECTION WEATHER

*rain* = _number_' 'rain is no key of the program'
planted format.sh src/base/half.c 'int  far;' 'code should be clang-formatted'
planted cppcheck.sh src/base/half.c 'int third(void); int third(void) { int n; return n; }' 'Uninitialized variable: n'
planted tidy.sh src/base/half.c 'int same(int n); int same(int n) { return n == n; }' 'misc-redundant-expression'

sed -i '/--plain/d' "$tree/doc/man/kentongan-match.1.scd"
rule man.py
like "$status:$out" "1:*kentongan-match.1.scd: --plain is missing*" "man.py finds an option that its page forgets"
sed -i 's/Default: \*30s\*/Default: *31s*/; /^\*redirects\*/d' "$tree/doc/man/kentongan.conf.5.scd"
rule man.py
like "$status:$out" "1:*[[]feeds] idle-timeout is *31s*, not *30s*" "man.py finds a default that is another"
like "$out" "*[[]feeds] redirects is missing*" "man.py finds a key that the page forgets"
rm "$tree/doc/man/kentongan-match.1.scd"
rule man.py
like "$status:$out" "1:*kentongan-match.1.scd: is missing*" "man.py finds a command without a page"

done_testing

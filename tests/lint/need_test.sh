#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/need on systems of all kinds, played by stand-ins for dpkg-query, apt-get, id and sudo.
. "${0%/*}/../scene/tap.sh"
need=$KENTONGAN_ROOT/tools/need

# Nothing is on the path but what stands here.
mkdir bin
for tool in awk cat dirname env grep sh touch; do
    ln -s "$(command -v $tool)" bin/$tool
done

stand_in()
{
    printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
}

# system USER_ID PACKAGE...: a fresh one that has these packages and empty lists.
system()
{
    stand_in id "echo $1"
    shift
    printf 'installed %s\n' "$@" >installed
    rm -f calls lists bin/sudo
    : >calls
    stand_in dpkg-query "cat '$PWD/installed'; exit 1"
    stand_in apt-get "echo \"apt-get \$*\" >>'$PWD/calls'
        case \$1 in
        update) touch '$PWD/lists' ;;
        install) [ -f '$PWD/lists' ] ;;
        esac"
}

need()
{
    run env PATH="$PWD/bin" sh "$need" "$@"
}

lint="clang-format-14 clang-tidy-14 cppcheck"

# shellcheck disable=SC2086
system 0 $lint
need lint
is "$status:$out$err" "0:" "where nothing is missing, nothing is said"
is "$(cat calls)" "" "and nothing is done"

system 0 clang-format-14
touch lists
need lint
is "$status" 0 "what is missing is installed"
is "$err" "tools/need: installing clang-tidy-14 cppcheck" "it says what"
like "$(cat calls)" "apt-get install *clang-tidy-14 cppcheck" "only that"

system 0 clang-format-14
need lint
is "$status" 0 "empty lists of packages are fetched first"
is "$(grep -c update calls)" 1 "once"

system 0 clang-format-14
stand_in apt-get "exit 100"
need lint
is "$status" 2 "an installation that fails is an error"
like "$err" "*could not install clang-tidy-14 cppcheck" "which names the packages"

system 1000 clang-format-14
stand_in sudo "echo \"sudo \$*\" >>'$PWD/calls'; exec \"\$@\""
touch lists
need lint
is "$status" 0 "who is not root goes through sudo"
like "$(cat calls)" "sudo env * apt-get install *" "for the installation"

system 1000 clang-format-14
need lint
is "$status" 2 "neither root nor sudo is an error"
like "$err" "*become root or have sudo, or install them: apt-get install clang-tidy-14 cppcheck" "that says what to do"
is "$(cat calls)" "" "and nothing is tried"

need lint nonsense
is "$status" 2 "an unknown set is an error"
like "$err" "*no such set: nonsense*" "which names it"

done_testing

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each command has a man page, and its options there are those of `kentongan help COMMAND`; kentongan(1) has those that
stand before the command, kentongan.conf(5) the keys of `kentongan config --defaults --json`."""
import json
import os
import re
import shutil
import subprocess
import sys

import tree

# "  -i, --intel FILE  Read ..." as help prints it, and "*-i*, *--intel* _FILE_" as the pages have it.
HELP_OPTION = re.compile(r"^  (?:-(\w), |    )--([\w-]+)(?: ([A-Z]\S*))?  ", re.M)
PAGE_OPTION = re.compile(r"^(?:\*-(\w)\*, )?\*--([\w-]+)\*(?: _([^_]+)_)?$", re.M)
HELP_COMMAND = re.compile(r"^  ([a-z][\w-]*)  ", re.M)


# "# SECTION NODE", "*listen* = _address:port_", "Range: *from 1 to 9*.", "Default: *x*." as kentongan.conf(5) has them.
CONF = "doc/man/kentongan.conf.5.scd"
CONF_SECTION = re.compile(r"^# SECTION (.*)$", re.M)
CONF_KEY = re.compile(r"^\*([\w-]+)\* = _([^_]+)_$", re.M)
CONF_RANGE = re.compile(r"Range:\s+\*([^*]+)\*")
CONF_DEFAULT = re.compile(r"Default:\s+(?:\*([^*]+)\*|none)\.")


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def spelled(option):
    letter, name, argument = option
    return (f"-{letter}, " if letter else "") + f"--{name}" + (f" {argument}" if argument else "")


def compare(page, pages_options, help_options):
    complaints = [f"{page}: {option} is not an option of the program" for option in pages_options - help_options]
    return complaints + [f"{page}: {option} is missing" for option in help_options - pages_options]


def pieces(pattern, text):
    """What the pattern found, and the text from there to the next of it."""
    found = list(pattern.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [(match, text[match.end():end]) for match, end in zip(found, ends)]


def keys_of_page(text):
    """(section, key): (type, range, default, required)"""
    keys = {}
    for section, inside in pieces(CONF_SECTION, text):
        inside = inside.split("\n# ")[0]
        for key, about in pieces(CONF_KEY, inside):
            ranges, default = CONF_RANGE.search(about), CONF_DEFAULT.search(about)
            required = "It has to be said." in about
            if not required and not default:
                keys[section[1].lower(), key[1]] = ("a page without its default",)
                continue
            keys[section[1].lower(), key[1]] = (key[2], ranges and ranges[1], default and default[1], required)
    return keys


def keys_of_program(program):
    rows = [json.loads(line) for line in run(program, "config", "--defaults", "--json").splitlines()]
    return {(row["section"], row["key"]): (row["type"], row.get("range"), row["value"], row["required"])
            for row in rows}


def compare_keys(page_keys, program_keys):
    complaints = [f"{CONF}: [{section}] {key} is no key of the program"
                  for section, key in page_keys.keys() - program_keys.keys()]
    complaints += [f"{CONF}: [{section}] {key} is missing" for section, key in program_keys.keys() - page_keys.keys()]
    return complaints + [f"{CONF}: [{section}] {key} is {page_keys[section, key]}, not {said}"
                         for (section, key), said in program_keys.items()
                         if page_keys.get((section, key), said) != said]


def broken(root, page):
    """What scdoc says of a page, where scdoc is installed."""
    if not shutil.which("scdoc"):
        return []
    scdoc = subprocess.run(["scdoc"], input=tree.text(root, page), capture_output=True, check=False, text=True)
    return [] if scdoc.returncode == 0 else [f"{page}: {scdoc.stderr.strip()}"]


def main(root, program):
    complaints = []
    usage = run(program, "help")
    commands = HELP_COMMAND.findall(usage)
    pages = [f"doc/man/kentongan-{command}.1.scd" for command in commands]
    for command, page in zip(commands, pages):
        if not os.path.exists(os.path.join(root, page)):
            complaints.append(f"{page}: is missing")
            continue
        help_options = {spelled(option) for option in HELP_OPTION.findall(run(program, "help", command))}
        page_options = {spelled(option) for option in PAGE_OPTION.findall(tree.text(root, page))}
        complaints += compare(page, page_options, help_options) + broken(root, page)
    first = "doc/man/kentongan.1.scd"
    known = tree.text(root, first)
    complaints += compare(first, {spelled(option) for option in PAGE_OPTION.findall(known)},
                          {spelled(option) for option in HELP_OPTION.findall(usage)})
    complaints += [f"{first}: does not name *kentongan-{command}*(1)" for command in commands
                   if f"*kentongan-{command}*(1)" not in known]
    complaints += [f"{page}: there is no such command" for page in tree.files(root, ".scd", under="doc/man")
                   if page not in pages and page not in (first, CONF)]
    complaints += broken(root, first) + broken(root, CONF)
    complaints += compare_keys(keys_of_page(tree.text(root, CONF)), keys_of_program(program))
    if not commands:
        complaints.append("`kentongan help` lists no commands")
    tree.end(sorted(complaints))


main(sys.argv[1], sys.argv[2])

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every text for people has a translation in every language of po/: none missing, none in doubt (fuzzy), none that
nothing says any more; a translation names what its text names, has its markup, and is not the text itself by mistake.
po/kentongan.pot is what tools/words writes."""
import importlib.machinery
import importlib.util
import os
import re
import sys

import tree

NAME = re.compile(r"\{\{\s*([^}]*?)\s*\}\}")
TAG = re.compile(r"</?[a-z][^>]*>|&[a-z#0-9]+;")
CONVERSION = re.compile(r"%[-+ #0]*[\d.*]*(?:hh|h|ll|l|j|z|t)?([diouxXscS])")
LINE = re.compile(r'^(msgid|msgid_plural|msgstr|msgstr\[\d\])\s+"(.*)"$')
ESCAPE = re.compile(r"\\(.)")


def words_tool():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "words")
    loader = importlib.machinery.SourceFileLoader("words", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("words", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def unescaped(text):
    return ESCAPE.sub(lambda m: {"n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), text)


def entries(lines):
    """(line number, {field: text}, fuzzy) of a .po file."""
    fields, fuzzy, at, last = {}, False, 0, None
    for number, line in lines:
        if line.startswith("#,"):
            fuzzy = "fuzzy" in line
        found = LINE.match(line)
        if found:
            last = found.group(1)
            at = number if last == "msgid" else at
            fields[last] = unescaped(found.group(2))
        elif line.startswith('"') and last:
            fields[last] += unescaped(line[1:-1])
        elif not line.strip() and fields:
            yield at, fields, fuzzy
            fields, fuzzy, last = {}, False, None
    if fields:
        yield at, fields, fuzzy


def wrong(text, many, fields, sentences):
    """What is wrong with a translation, or None."""
    said = [value for field, value in fields.items() if field.startswith("msgstr")]
    if not all(said):
        return "is not translated"
    if many != fields.get("msgid_plural", ""):
        return "counts something else than its text: run tools/words"
    names = set(NAME.findall(text + many))
    for translation in said:
        unknown = set(NAME.findall(translation)) - names
        if unknown:
            return "names what its text does not have: " + ", ".join(sorted(unknown))
        if "{{{" in translation or "{{&" in translation:
            return "cannot write a value unescaped"
        if text in sentences and len(CONVERSION.findall(translation)) != len(CONVERSION.findall(text)):
            return "has not as many conversions as its text"
        if sorted(TAG.findall(translation)) != sorted(TAG.findall(text)):
            return "has other markup than its text"
    return None


def complaints_of(root, path, texts, sentences):
    seen = set()
    for number, fields, fuzzy in entries(tree.lines(root, path)):
        text = fields["msgid"]
        if text == "":
            continue
        seen.add(text)
        if fuzzy:
            yield f"{path}:{number}: in doubt (fuzzy): {text}"
        if text not in texts:
            yield f"{path}:{number}: nothing says this any more: {text}"
        elif wrong(text, texts[text][0], fields, sentences):
            yield f"{path}:{number}: {wrong(text, texts[text][0], fields, sentences)}: {text}"
    for text, (_, places) in texts.items():
        if text not in seen:
            yield f"{places[0]}:1: {path} lacks the text: {text}"


def stale_sentences(root, words):
    """A sentence is a literal of some source, or it is never said."""
    said = set()
    if words.sentences(root):
        for path in words.sources(root):
            if path.endswith(".c"):
                text = re.sub(r'PRI([diu])64', r'"ll\1"', words.read(root, path))  # a number of 64 bits
                said.update(words.literal(found) for found in re.findall(words.LITERALS, text))
    return [f"po/sentences:1: no source says: {line}" for line in words.sentences(root) if line not in said]


def main(root):
    words = words_tool()
    texts = words.gather(root)
    complaints = stale_sentences(root, words)
    for path in tree.files(root, ".po", under="po"):
        complaints += complaints_of(root, path, texts, words.sentences(root))
    pot = os.path.join(root, "po", "kentongan.pot")
    if os.path.exists(pot) and tree.text(root, "po/kentongan.pot") != words.written(texts):
        complaints.append("po/kentongan.pot:1: is not what tools/words writes: run it")
    tree.end(complaints)


main(sys.argv[1])

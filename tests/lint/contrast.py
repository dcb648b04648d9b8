#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The contrasts that doc/look.md states are those of the colours in the style sheet, enough for who reads them (WCAG
2.2, 1.4.3 and 1.4.11), and no colour is left out of the table."""
import re
import sys

import tree

SHEET = "src/web/static/kentongan.css"
PAGE = "doc/look.md"
COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
# | text | on | least | light | dark |
ROW = re.compile(r"\| `([a-z-]+)` \| `([a-z-]+)` \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|")
# Marks that decorate, and carry nothing that is not said otherwise.
DECORATION = {"rule", "wood"}


def luminance(colour):
    """WCAG 2.2, relative luminance."""
    def linear(value):
        value /= 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
    red, green, blue = (linear(int(colour[i:i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def palettes(sheet):
    light, rest = sheet.split("@media (prefers-color-scheme: dark)", 1)
    dark = rest.split("\n}\n", 1)[0]
    first = dict(COLOUR.findall(light))
    return first, {**first, **dict(COLOUR.findall(dark))}


def complaints_of(place, row, schemes):
    ink, ground, least = row[0], row[1], float(row[2])
    for scheme, colours, stated in zip(("light", "dark"), schemes, row[3:]):
        if ink not in colours or ground not in colours:
            yield f"{place}: {SHEET} has no colour of that name"
            continue
        # Cut, not rounded: 4.49 is not 4.5.
        is_now = int(contrast(colours[ink], colours[ground]) * 10) / 10
        if is_now != float(stated):
            yield f"{place}: {ink} on {ground} is {is_now} in {scheme}, not {stated}"
        if is_now < least:
            yield f"{place}: {ink} on {ground} is {is_now} in {scheme}, less than {least}"


def main(root):
    schemes = palettes(tree.text(root, SHEET))
    complaints, named = [], set(DECORATION)
    for number, line in tree.lines(root, PAGE):
        row = ROW.match(line)
        if row:
            named.update(row.groups()[:2])
            complaints += complaints_of(f"{PAGE}:{number}", row.groups(), schemes)
    complaints += [f"{SHEET}: no row of {PAGE} says what --{name} stands on" for name in schemes[0] if name not in named]
    tree.end(complaints)


main(sys.argv[1])

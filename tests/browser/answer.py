#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Somebody answers a notice in a real browser, by its link and nothing else.

usage: answer.py LINK WORD LANGUAGE keys|mouse scripts|plain

Opens LINK, holds the page against what has to hold of every page (browser.py), presses the button of WORD, and prints
what the page says then. Status 1 with what was wrong.
"""
import sys

from browser import Browser, Keys, Mouse


def answer(browser, link, word):
    browser.go(link)
    browser.look("answer")
    browser.press(f"form.panel button[value={word}]")
    browser.look("answered")
    return browser.text()


if __name__ == "__main__":
    link, word, language, hands, scripts = sys.argv[1:]
    browser = Browser(link.split("/w/")[0], language, scripts == "scripts", Keys if hands == "keys" else Mouse)
    try:
        print(answer(browser, link, word))
    finally:
        browser.close()
    for finding in browser.findings:
        print("wrong:", finding)
    sys.exit(1 if browser.findings else 0)

# SPDX-License-Identifier: Apache-2.0
"""A real browser, and what has to hold of every page it shows.

A Browser has a language, with or without scripts, and hands: Mouse or Keys, which do the same things in their own way.
Browser.look() is called on each page and finds what people would stumble over; findings are collected, not raised, so
that one run tells them all. Nothing leaves the machine: no name is resolved but the address of the node.
"""
import base64
import json
import os
import re
import shutil
import tempfile
import time

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys as Key
from selenium.webdriver.support.select import Select

PAGE_BYTES_MAX = 50 * 1024
TABS_MAX = 300
PATIENCE_SECONDS = 60  # of a machine that has other things to do
WIDTHS = (1280, 360)
DRIVER = "/usr/bin/chromedriver"

# Roles of what people operate: each needs a name that can be said.
OPERATED = {"button", "link", "textbox", "searchbox", "checkbox", "radio", "combobox", "listbox", "option", "spinbutton",
            "menuitem", "tab", "switch", "slider", "DisclosureTriangle", "image", "img"}
LANDMARKS_ONCE = ("banner", "main", "contentinfo")


class Mouse:
    """Points and clicks."""

    name = "mouse"

    def __init__(self, driver):
        self.driver = driver

    def press(self, element):
        self.driver.execute_cdp_cmd("DOM.scrollIntoViewIfNeeded", {"backendNodeId": backend_of(self.driver, element)})
        ActionChains(self.driver).move_to_element(element).click().perform()

    def fill(self, element, text):
        self.press(element)
        ActionChains(self.driver).key_down(Key.CONTROL).send_keys("a").key_up(Key.CONTROL).perform()
        element.send_keys(text)

    def choose(self, element, value):
        Select(element).select_by_value(value)


class Keys:
    """Has no pointer: Tab to where it wants to go, Enter or the space bar, letters."""

    name = "keys"

    def __init__(self, driver):
        self.driver = driver

    def reach(self, element):
        for _ in range(TABS_MAX):
            if self.driver.switch_to.active_element == element:
                return
            ActionChains(self.driver).send_keys(Key.TAB).perform()
        raise AssertionError(f"no Tab leads to {element.get_attribute('outerHTML')[:120]}")

    def press(self, element):
        self.reach(element)
        box = element.tag_name == "input" and element.get_attribute("type") in ("checkbox", "radio")
        ActionChains(self.driver).send_keys(Key.SPACE if box else Key.ENTER).perform()

    def fill(self, element, text):
        self.reach(element)
        ActionChains(self.driver).key_down(Key.CONTROL).send_keys("a").key_up(Key.CONTROL).perform()
        self.driver.switch_to.active_element.send_keys(text)

    def choose(self, element, value):
        """Arrows, as long as there are choices."""
        self.reach(element)
        ActionChains(self.driver).send_keys(Key.HOME).perform()
        for _ in Select(element).options:
            if element.get_attribute("value") == value:
                return
            ActionChains(self.driver).send_keys(Key.ARROW_DOWN).perform()
        raise AssertionError(f"no arrow leads to {value}")


def sentences_translated(language):
    """What the catalogue of a language says otherwise: texts of several words, with nothing to fill in."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "po", f"{language[:2]}.po")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', file.read(), re.M)
    return [text for text, translation in pairs if " " in text and "{{" not in text and "%" not in text
            and text not in translation]


def backend_of(driver, element):
    """The id by which the browser's own protocol knows an element."""
    # selenium hands out ids of the form f.FRAME.d.DOCUMENT.e.BACKEND
    return int(element.id.rsplit(".", 1)[-1])


class Browser:
    def __init__(self, address, language, scripts, hands):
        self.address = address.rstrip("/")
        self.language = language
        self.scripts = scripts
        self.folder = tempfile.mkdtemp()
        self.untranslated = sentences_translated(language)
        self.findings = []
        self.seen = []
        self.shots = os.environ.get("KENTONGAN_SHOTS")
        self.driver = webdriver.Chrome(service=Service(DRIVER), options=self.options(scripts))
        self.driver.set_page_load_timeout(PATIENCE_SECONDS)
        self.hands = hands(self.driver)
        self.width(WIDTHS[0])
        self.driver.get("about:blank")
        self.driver.get_log("performance")  # what the browser's own first page fetched

    def options(self, scripts):
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
                         "--disable-background-networking", "--disable-component-update", "--disable-sync",
                         f"--user-data-dir={self.folder}", f"--lang={self.language}",
                         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {
            "intl.accept_languages": self.language,
            "profile.managed_default_content_settings.javascript": 1 if scripts else 2,
            "credentials_enable_service": False,
            "profile.password_manager_enabled": False,
        })
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        return options

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.folder, ignore_errors=True)

    def label(self):
        return f"{self.language}-{self.hands.name}-{'scripts' if self.scripts else 'plain'}"

    # ---- Getting around ----

    def width(self, pixels):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": False})

    def go(self, path):
        self.driver.get(path if "://" in path else self.address + path)

    def one(self, selector):
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        if not found:
            raise AssertionError(f"{self.driver.current_url} has no {selector}")
        return found[0]

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def press(self, selector):
        """Presses what leads to another page, and waits until that is there."""
        page = self.driver.find_element(By.TAG_NAME, "html")
        self.hands.press(self.one(selector))
        self.until(lambda: self.driver.find_element(By.TAG_NAME, "html") != page, f"what {selector} leads to")

    def tick(self, selector):
        self.hands.press(self.one(selector))

    def fill(self, selector, text):
        self.hands.fill(self.one(selector), text)

    def choose(self, selector, value):
        self.hands.choose(self.one(selector), value)

    def until(self, holds, what):
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                if holds():
                    return
            except WebDriverException:  # between two pages there is none
                pass
            time.sleep(0.03)
        raise AssertionError(f"{self.driver.current_url}: not in time: {what}")

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    # ---- What has to hold of a page ----

    def finding(self, what):
        self.findings.append(f"{self.label()}: {self.seen[-1]}: {what}")

    def look(self, name):
        """What is wrong with the page that is shown now, in words and pictures."""
        self.seen.append(name)
        self.look_at_tree()
        self.look_at_ids()
        self.look_at_size()
        self.look_at_words()
        for width in WIDTHS:
            self.width(width)
            self.look_at_width(width)
            self.shoot(name, width)
        self.width(WIDTHS[0])
        self.look_at_console()

    def told(self, status):
        """Takes the line away by which the console tells of an answer that was meant to be an error."""
        lines = self.driver.get_log("browser")
        if len(lines) != 1 or f"status of {status}" not in lines[0]["message"]:
            self.finding(f"the console says more than a {status}: {[line['message'] for line in lines]}")

    def look_at_console(self):
        for line in self.driver.get_log("browser"):
            self.finding(f"the console says: {line['message']}")

    def tree(self):
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        for node in nodes:
            if not node.get("ignored"):
                properties = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
                yield node.get("role", {}).get("value", ""), node.get("name", {}).get("value", "").strip(), properties

    def look_at_tree(self):
        nodes = list(self.tree())
        for role, name, _ in nodes:
            if role in OPERATED and not name:
                self.finding(f"a {role} without a name")
        levels = [int(properties["level"]) for role, _, properties in nodes if role == "heading"]
        if levels.count(1) != 1 or levels[0] != 1:
            self.finding(f"headings do not begin with the only one of level 1: {levels}")
        if any(after > before + 1 for before, after in zip(levels, levels[1:])):
            self.finding(f"a level of headings is left out: {levels}")
        roles = [role for role, _, _ in nodes]
        for landmark in LANDMARKS_ONCE:
            if roles.count(landmark) != 1:
                self.finding(f"{roles.count(landmark)} landmarks {landmark}")
        places = [name for role, name, _ in nodes if role == "navigation"]
        if len(set(places)) != len(places) or not all(places):
            self.finding(f"navigations are not told apart by their names: {places}")
        if not self.driver.title.strip():
            self.finding("no title")
        lang = self.driver.find_element(By.TAG_NAME, "html").get_attribute("lang")
        if lang != self.language[:2]:
            self.finding(f"the page says that it is in {lang}")

    def look_at_words(self):
        """A sentence that has a translation is not said in English to who reads another language."""
        text = self.text()
        for sentence in self.untranslated:
            if sentence in text:
                self.finding(f"it says in English: {sentence}")
        if self.shots:
            os.makedirs(self.shots, exist_ok=True)
            with open(os.path.join(self.shots, f"{self.label()}-{self.seen[-1]}.txt"), "w", encoding="utf-8") as file:
                file.write(text)

    def look_at_ids(self):
        ids = [element.get_attribute("id") for element in self.all("[id]")]
        for doubled in sorted({one for one in ids if ids.count(one) > 1}):
            self.finding(f"several things have the id {doubled}")

    def look_at_size(self):
        """Of the document as it is, and of all that was fetched for it as it was packed."""
        documents, fetched, urls = {}, 0, {}
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            params = message["params"]
            if message["method"] == "Network.responseReceived":
                urls[params["requestId"]] = params["response"]["url"]
                if params["type"] == "Document":
                    documents[params["requestId"]] = 0
            elif message["method"] == "Network.dataReceived" and params["requestId"] in documents:
                documents[params["requestId"]] += params["dataLength"]
            elif message["method"] == "Network.loadingFinished":
                fetched += params["encodedDataLength"]
                if not urls.get(params["requestId"], self.address).startswith((self.address, "data:", "chrome:")):
                    self.finding(f"it fetches {urls[params['requestId']]}")
        for size in documents.values():
            if size > PAGE_BYTES_MAX:
                self.finding(f"the page takes {size} bytes, more than {PAGE_BYTES_MAX}")
        if len(documents) == 1 and fetched > PAGE_BYTES_MAX:
            self.finding(f"with all it needs it takes {fetched} bytes, more than {PAGE_BYTES_MAX}")

    def look_at_width(self, width):
        metrics = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})
        content = metrics["cssContentSize"]["width"]
        if content > width:
            self.finding(f"at {width} pixels it is {content} wide")

    def shoot(self, name, width):
        if not self.shots:
            return
        os.makedirs(self.shots, exist_ok=True)
        metrics = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": width, "height": min(metrics["height"], 4000), "scale": 1}})
        with open(os.path.join(self.shots, f"{self.label()}-{name}-{width}.png"), "wb") as file:
            file.write(base64.b64decode(shot["data"]))

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comfort only: every page works without this file. It writes no HTML and reads nothing from elsewhere.
 *
 *     data-all="NAME"      a box that ticks all boxes of that name in its form; hidden without scripts
 *     data-ago             a <time> that says how long ago it was; the moment itself stays in its title
 *     data-keep            a form that asks before it is left half filled
 *     data-copy="ID"       a button that copies the text of an element; hidden without scripts
 *     data-row             a row that j, k, x and Enter go through
 *     data-live="PATH"     a part of the page, with an id, that is read once more when the stream there tells of news
 */
'use strict';

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

/* ---- Boxes ---- */

for (const box of all('[data-all]')) {
    const boxes = all(`input[name="${box.dataset.all}"]`, box.form);
    const show = () => {
        const ticked = boxes.filter((other) => other.checked).length;
        box.checked = ticked > 0 && ticked === boxes.length;
        box.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    box.hidden = false;
    box.addEventListener('change', () => boxes.forEach((other) => { other.checked = box.checked; }));
    boxes.forEach((other) => other.addEventListener('change', show));
}

for (const button of all('[data-copy]')) {
    button.hidden = !navigator.clipboard;
    button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(one(`#${button.dataset.copy}`).textContent.trim());
        button.textContent = button.dataset.copied || button.textContent;
    });
}

/* ---- Times ---- */

const steps = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto' });

function ago(seconds) {
    const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) || steps[steps.length - 1];
    return words.format(-Math.round(seconds / size), unit);
}

function times() {
    for (const time of all('time[data-ago]')) {
        time.title = time.title || time.textContent;
        time.textContent = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
    }
}

times();
setInterval(() => { if (!document.hidden) times(); }, 30000);

/* ---- Half filled forms ---- */

let sent = false;
const changed = (field) => field.type !== 'hidden' && (field.value !== field.defaultValue && 'defaultValue' in field
    && field.type !== 'checkbox' && field.type !== 'radio');

addEventListener('submit', () => { sent = true; });
addEventListener('beforeunload', (event) => {
    if (!sent && all('form[data-keep]').some((form) => [...form.elements].some(changed)))
        event.preventDefault();
});

/* ---- Keys ---- */

const keys = one('#keys');
const quiet = 'kentongan.quiet';
let rows = all('[data-row]');
let row = -1;
let before = '';

function step(by) {
    row = Math.max(0, Math.min(rows.length - 1, row + by));
    one('a, button, input', rows[row])?.focus();
    rows[row]?.scrollIntoView({ block: 'nearest' });
}

const actions = {
    '?': () => keys.showModal(),
    '/': () => one('input[type=search]')?.focus(),
    j: () => step(1),
    k: () => step(-1),
    x: () => one('input[type=checkbox]', rows[row] || document.createElement('p'))?.click(),
};

function typing(target) {
    return target.isContentEditable || (target.matches('input, select, textarea') && !target.matches('[type=checkbox], [type=radio]'));
}

addEventListener('keydown', (event) => {
    const off = localStorage.getItem(quiet) !== null && event.key !== '?';
    if (!keys || off || event.ctrlKey || event.altKey || event.metaKey || typing(event.target) || keys.open)
        return;
    const place = before === 'g' && all('.places a[data-key]').find((link) => link.dataset.key === event.key);
    before = event.key;
    if (!place && !Object.hasOwn(actions, event.key))
        return;
    event.preventDefault();
    if (place)
        place.click();
    else
        actions[event.key]();
});

if (keys) {
    const box = one('#keys-off');
    box.checked = localStorage.getItem(quiet) !== null;
    box.addEventListener('change', () => (box.checked ? localStorage.setItem(quiet, '1') : localStorage.removeItem(quiet)));
    one('#keys-open').hidden = false;
    one('#keys-open').addEventListener('click', () => keys.showModal());
}

/* ---- What is new ---- */

const LEAST = 1000; /* milliseconds between two readings */
let news = null;
let waits = false;

/* The browser reads the page as a document of its own; no text is made into HTML here. */
function again(part) {
    const request = new XMLHttpRequest();
    request.open('GET', location.href);
    request.setRequestHeader('Accept', 'text/html');
    request.responseType = 'document';
    request.addEventListener('load', () => {
        const fresh = request.status === 200 && request.response && request.response.getElementById(part.id);
        if (!fresh || !part.isConnected)
            return;
        const focus = part.contains(document.activeElement) && document.activeElement.getAttribute('href');
        part.replaceWith(document.adoptNode(fresh));
        rows = all('[data-row]');
        row = -1;
        times();
        if (focus)
            one(`a[href="${CSS.escape(focus)}"]`, fresh)?.focus();
    });
    request.send();
}

/* Nobody loses what they are typing: then it waits. */
function stale() {
    const part = one('[data-live]');
    if (!part || waits)
        return;
    waits = true;
    setTimeout(() => {
        waits = false;
        if (all('form', part).some((form) => [...form.elements].some(changed)) || document.activeElement.closest('[data-live] form'))
            stale();
        else
            again(part);
    }, LEAST);
}

function listen() {
    const part = one('[data-live]');
    if (!part)
        return;
    const known = Number(new URL(part.dataset.live, location.href).searchParams.get('after'));
    news = new EventSource(part.dataset.live);
    news.addEventListener('here', (event) => { if (Number(event.lastEventId) > known) stale(); });
    news.addEventListener('error', () => {
        if (news.readyState === EventSource.CLOSED)
            setTimeout(() => { stale(); setTimeout(listen, 2 * LEAST); }, 10 * LEAST);
    });
}

listen();

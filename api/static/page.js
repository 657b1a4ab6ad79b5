// Pages work without this file. It shows times in the reader's zone and language, keeps public pages
// fresh, and shows the day of an uptime bar under the pointer, the focus or the finger.
'use strict';

const lang = document.documentElement.lang;
const locale = navigator.languages.find((one) => one.split('-')[0] === lang) || lang;
const zone = document.documentElement.dataset.timezone || Intl.DateTimeFormat().resolvedOptions().timeZone;
const format = (options) => new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
const clock = {
  day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit', ...(document.body.classList.contains('staff') ? { timeZoneName: 'short' } : {}),
};
const thisYear = format(clock);
const otherYear = format({ ...clock, year: 'numeric' });
const exact = format({ ...clock, weekday: 'long', year: 'numeric', second: '2-digit', timeZoneName: 'longOffset' });
const relative = new Intl.RelativeTimeFormat(locale, { style: 'short' });
const UNITS = [['day', 86400], ['hour', 3600], ['minute', 60]];

// "12 min. ago" within two days, else nothing.
function ago(at) {
  const seconds = (at - Date.now()) / 1000;
  if (Math.abs(seconds) >= 2 * 86400) return '';
  const [unit, size] = UNITS.find(([, one]) => Math.abs(seconds) >= one) || ['second', 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

function showTime(time) {
  if (/^\d{4}-\d\d-\d\d$/.test(time.dateTime)) { // a day, of no zone
    const sameYear = time.dateTime.startsWith(String(new Date().getFullYear()));
    time.textContent = format({ day: 'numeric', month: 'short', timeZone: 'UTC', ...(sameYear ? {} : { year: 'numeric' }) })
      .format(new Date(time.dateTime));
    return;
  }
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const text = (at.getFullYear() === new Date().getFullYear() ? thisYear : otherYear).format(at);
  const distance = 'clock' in time.dataset ? '' : ago(at);
  time.textContent = distance ? `${text} (${distance})` : text;
  time.title = exact.format(at);
}

function showTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) showTime(time);
}

showTimes(document);
for (const here of document.querySelectorAll('header [aria-current], main > .tabs [aria-current]')) here.scrollIntoView({ block: 'nearest', inline: 'center' });
for (const name of document.querySelectorAll('[data-zone]')) {
  if (name.tagName === 'INPUT') name.value = zone || name.value;
  else name.textContent = `${zone} (${format({ timeZoneName: 'shortOffset' }).formatToParts().find((part) => part.type === 'timeZoneName').value})`;
}

// Keys and codes that are shown once. Browsers have a clipboard only over HTTPS.
for (const shown of navigator.clipboard ? document.querySelectorAll('[data-copy]') : []) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet copy';
  button.textContent = shown.dataset.copy;
  shown.append(' ', button);
  button.addEventListener('click', async () => {
    const lines = [...shown.querySelectorAll('code')].map((line) => line.textContent);
    await navigator.clipboard.writeText(lines.join('\n'));
    button.textContent = shown.dataset.copied;
    setTimeout(() => { button.textContent = shown.dataset.copy; }, 2000);
  });
}

// A public page asks for itself again; its ETag makes that 304 as long as nothing has changed.
const fresh = document.querySelector('main[data-fresh]');
const EVERY = 15000;
let seen;
let seenAt = Date.now();

async function refresh() {
  const reply = await fetch(location.href, { cache: 'no-cache' }).catch(() => null);
  if (!reply || !reply.ok) return;
  const text = await reply.text();
  seenAt = Date.now();
  if (seen !== undefined && text !== seen) {
    const next = new DOMParser().parseFromString(text, 'text/html').querySelector('main');
    if (next) {
      fresh.replaceChildren(...next.childNodes);
      showTimes(fresh);
    }
  }
  seen = text;
}

if (fresh) {
  const note = document.createElement('p');
  note.className = 'fresh';
  document.querySelector('body > footer').prepend(note);
  const show = () => { note.textContent = `${fresh.dataset.fresh} ${relative.format(-Math.round((Date.now() - seenAt) / 1000), 'second')}`; };
  show();
  setInterval(() => { if (!document.hidden) { show(); showTimes(fresh); } }, 5000);
  setInterval(() => { if (!document.hidden) refresh(); }, EVERY);
  addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
}

// The day of a bar: an affected one lists its incidents in its title, of which the first is linked.
const DAYS = 90;
const tip = document.createElement('div');
tip.className = 'tip';
tip.hidden = true;
tip.setAttribute('role', 'tooltip');
document.body.append(tip);

function fill(lines, href) {
  const [day, ...rest] = lines;
  const head = document.createElement('p');
  const strong = document.createElement('strong');
  strong.textContent = format({ dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(day));
  head.append(strong);
  tip.replaceChildren(head, ...rest.map((line, n) => {
    const p = document.createElement('p');
    const at = document.createElement(n === 0 && href ? 'a' : 'span');
    at.textContent = line;
    if (at.href !== undefined) at.href = href;
    p.append(at);
    return p;
  }));
}

function place(box) {
  tip.hidden = false;
  const left = Math.min(Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2), innerWidth - tip.offsetWidth - 8);
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${box.bottom + scrollY + 4}px`;
}

function showDay(bars, day, link) {
  if (link) {
    const [, ...lines] = link.dataset.lines.split('\n');
    fill([link.dataset.day, ...lines], link.getAttribute('href'));
    place(link.getBoundingClientRect());
    return;
  }
  const box = bars.getBoundingClientRect();
  const date = new Date(Date.parse(bars.dataset.first) + day * 86400000).toISOString().slice(0, 10);
  const words = document.getElementById('tip-words').dataset;
  const known = date >= bars.dataset.since;
  fill([date, known ? words.quiet : words.none]);
  place({ left: box.left + (day / DAYS) * box.width, width: box.width / DAYS, bottom: box.bottom });
}

// The title of a bar is its text without this file; ours replaces it.
function linkOf(target) {
  const link = target.closest('.bars a');
  const title = link && link.querySelector('title');
  if (title) {
    link.dataset.lines = title.textContent;
    link.setAttribute('aria-label', title.textContent);
    title.remove();
  }
  return link;
}

function overBars(event) {
  const bars = event.target.closest && event.target.closest('svg.bars');
  if (!bars) return false;
  const box = bars.getBoundingClientRect();
  const day = Math.min(DAYS - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * DAYS)));
  showDay(bars, day, linkOf(event.target));
  return true;
}

if (document.querySelector('svg.bars') && document.getElementById('tip-words')) {
  addEventListener('pointermove', (event) => {
    if (event.pointerType === 'mouse' && !overBars(event) && !tip.contains(event.target)) tip.hidden = true;
  });
  addEventListener('click', (event) => { // a finger sees the day first; its link is in the tip
    if (event.target.closest('svg.bars') && matchMedia('(hover: none)').matches) {
      event.preventDefault();
      overBars(event);
    } else if (!tip.contains(event.target)) tip.hidden = true;
  });
  addEventListener('focusin', (event) => {
    const link = linkOf(event.target);
    if (link) showDay(link.ownerSVGElement, 0, link);
    else if (!tip.contains(event.target)) tip.hidden = true;
  });
  addEventListener('keydown', (event) => { if (event.key === 'Escape') tip.hidden = true; });
}

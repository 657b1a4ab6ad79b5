'use strict';
// Local dates. A local date is what the clock on the wall shows, so that it may begin before its local
// midnight (which is the later one where two occur) and may come twice.
// Dates are whole days since 1970-01-01; instants are whole microseconds since then.
const { midnight, localDay, dayOf, dateText, addMonths } = require('../naive_midnight.js');

const DAY = 86400e6;
const HOUR = 3600e6;

const changes = new Map();

// The instants at which the date on the wall changes, between the beginnings of two UTC days.
function changesOn(utcDay, zone) {
  const key = `${utcDay} ${zone}`;
  if (changes.has(key)) return changes.get(key);
  const found = [];
  // Half a minute is finer than any time for which a zone ever showed a date.
  const step = 30e6;
  let before = localDay(utcDay * DAY, zone);
  for (let hour = utcDay * DAY; hour < (utcDay + 1) * DAY; hour += HOUR) {
    const quiet = calm(hour, zone);
    for (let t = hour; t < hour + HOUR; t += quiet ? HOUR : step) {
      const end = t + (quiet ? HOUR : step);
      const after = localDay(end, zone);
      if (after === before) continue;
      let [low, high] = [t, end];
      while (high - low > 1000) {
        const middle = Math.floor((low + high) / 2000) * 1000;
        if (localDay(middle, zone) === before) low = middle;
        else high = middle;
      }
      found.push(high);
      before = after;
    }
  }
  changes.set(key, found);
  return found;
}

const formats = new Map();

// The offset from UTC, in words.
function offset(us, zone) {
  if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }));
  return formats.get(zone).formatToParts(us / 1000).find(({ type }) => type === 'timeZoneName').value;
}

// Whether the clock runs through an hour without a jump.
const calm = (hour, zone) => offset(hour, zone) === offset(hour + HOUR, zone);

// [from, to) in pieces by the date on the wall: [{from, to, day}].
function dates(from, to, zone) {
  const cuts = [from];
  for (let day = Math.floor(from / DAY); day <= Math.floor(to / DAY); day++) {
    cuts.push(...changesOn(day, zone).filter((t) => from < t && t < to));
  }
  return cuts.map((t, i) => ({ from: t, to: i + 1 < cuts.length ? cuts[i + 1] : to, day: localDay(t, zone) }));
}

// "2026-03-10T10:07:30.000001Z" as microseconds.
function instant(text) {
  const [, second, digits = ''] = text.match(/^(.*:\d\d)(?:\.(\d+))?Z$/);
  return Date.parse(`${second}Z`) * 1000 + Number(digits.padEnd(6, '0'));
}

function instantText(us) {
  const second = Math.floor(us / 1e6);
  const rest = us - second * 1e6;
  return `${new Date(second * 1000).toISOString().slice(0, 19)}${rest ? `.${String(rest).padStart(6, '0')}` : ''}Z`;
}

// ISO: 1 is Monday, 7 Sunday. 1 January 1970 was a Thursday.
const weekday = (day) => ((day + 3) % 7 + 7) % 7 + 1;

// A date that the zone skips as a whole is on no wall.
const exists = (day, zone) => midnight(day, zone) < midnight(day + 1, zone);

// The first day of the calendar window of `months` months that contains a day.
function startOf(day, months) {
  const date = new Date(day * 86400000);
  return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / months) * months, 1) / 86400000;
}

module.exports = { midnight, localDay, dayOf, dateText, addMonths, dates, instant, instantText, weekday, exists, startOf, DAY };

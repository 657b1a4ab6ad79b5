'use strict';
// Local midnights through ICU, for the naive arithmetic: nothing here asks PostgreSQL.
// Dates are whole days since 1970-01-01; instants are whole microseconds since then.
const DAY_MS = 86400000;

const formats = new Map();

// The local time of an instant in a zone, as if it were UTC, in milliseconds.
function wallClock(ms, zone) {
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
      hour: 'numeric', minute: 'numeric', second: 'numeric',
    }));
  }
  const part = {};
  for (const { type, value } of formats.get(zone).formatToParts(ms)) part[type] = Number(value);
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

const midnights = new Map();

// Of a midnight that occurs twice, the later one; for one that does not exist, the jump of the clock.
function midnight(day, zone) {
  const key = `${day} ${zone}`;
  if (midnights.has(key)) return midnights.get(key);
  const wanted = day * DAY_MS;
  const offsets = new Set();
  for (let ms = wanted - 1.5 * DAY_MS; ms <= wanted + 1.5 * DAY_MS; ms += DAY_MS / 8) offsets.add(wallClock(ms, zone) - ms);
  let found = null;
  for (const offset of offsets) {
    const ms = wanted - offset;
    if (wallClock(ms, zone) === wanted && (found === null || ms > found)) found = ms;
  }
  if (found === null) {
    let before = wanted - 1.5 * DAY_MS;
    let after = wanted + 1.5 * DAY_MS;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (wallClock(middle, zone) >= wanted) after = middle;
      else before = middle;
    }
    found = after;
  }
  midnights.set(key, found * 1000);
  return found * 1000;
}

// The local date of an instant.
function localDay(us, zone) {
  const ms = Math.floor(us / 1000);
  const second = Math.floor(ms / 1000) * 1000;
  return Math.floor(wallClock(second, zone) / DAY_MS);
}

const dayOf = (text) => Date.parse(`${text}T00:00:00Z`) / DAY_MS;
const dateText = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);

// anchor + n months, clamped to the month's last day.
function addMonths(anchor, n) {
  const date = new Date(anchor * DAY_MS);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + n;
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last)) / DAY_MS;
}

module.exports = { midnight, localDay, dayOf, dateText, addMonths };

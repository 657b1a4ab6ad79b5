// Times are served in UTC; this converts them to the reader's zone, with its offset.
'use strict';
const two = (n) => String(n).padStart(2, '0');
for (const time of document.querySelectorAll('time[datetime]')) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  const offset = -at.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const ahead = Math.abs(offset);
  time.textContent = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `
    + `${two(at.getHours())}:${two(at.getMinutes())} ${sign}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}
for (const field of document.querySelectorAll('input[data-zone]')) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;
}

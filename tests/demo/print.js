'use strict';
// The demo's formatting of amounts, durations and tables.

const EXPONENTS = { JPY: 0, KWD: 3 };

function money(minor, currency) {
  const exponent = EXPONENTS[currency] ?? 2;
  const digits = String(minor).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  return `${whole}${exponent ? `.${digits.slice(-exponent)}` : ''} ${currency}`;
}

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`;

function table(header, rows) {
  const text = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(...text.map((row) => row[column].length)));
  const last = header.length - 1;
  const line = (row) => `  ${row.map((cell, column) =>
    (column === 0 ? cell.padEnd(widths[0]) : column === last ? cell : cell.padStart(widths[column]))).join('  ')}`;
  return [line(text[0]), `  ${widths.map((width, column) => '-'.repeat(column === last ? 6 : width)).join('  ')}`,
    ...text.slice(1).map(line)].join('\n');
}

module.exports = { money, seconds, table };

'use strict';
// Exact fractions of BigInt, always reduced, with a denominator above 0.
const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; };

function fraction(num, den = 1n) {
  num = BigInt(num);
  den = BigInt(den);
  if (den === 0n) throw new Error('a division by 0');
  const common = gcd(num, den) || 1n;
  const sign = den < 0n ? -1n : 1n;
  return { num: sign * num / common, den: sign * den / common };
}

const ZERO = fraction(0);
const ONE = fraction(1);

// "12.345" or "10/3".
function parse(text) {
  const [over, under = '1'] = String(text).split('/');
  const decimal = (digits) => {
    const [whole, rest = ''] = digits.split('.');
    return fraction(BigInt(whole + rest), 10n ** BigInt(rest.length));
  };
  return div(decimal(over), decimal(under));
}

const add = (a, b) => fraction(a.num * b.den + b.num * a.den, a.den * b.den);
const sub = (a, b) => fraction(a.num * b.den - b.num * a.den, a.den * b.den);
const mul = (a, b) => fraction(a.num * b.num, a.den * b.den);
const div = (a, b) => fraction(a.num * b.den, a.den * b.num);
const less = (a, b) => a.num * b.den < b.num * a.den;
const min = (a, b) => (less(b, a) ? b : a);
const max = (a, b) => (less(a, b) ? b : a);
const sum = (list) => list.reduce(add, ZERO);
const isZero = (a) => a.num === 0n;
const text = ({ num, den }) => `${num}/${den}`;

// The greatest whole number not above a, and the least not below it.
function floor({ num, den }) {
  const low = num / den;
  return num < 0n && num % den !== 0n ? low - 1n : low;
}
const ceil = (a) => -floor(fraction(-a.num, a.den));

// A fraction of 0 or more as a whole number.
function round(a, how) {
  const low = floor(a);
  const rest = (a.num - low * a.den) * 2n;
  if (rest === 0n) return low;
  if (how === 'up') return low + 1n;
  if (rest !== a.den) return rest > a.den ? low + 1n : low;
  return how === 'half_up' || low % 2n === 1n ? low + 1n : low;
}

module.exports = { fraction, parse, add, sub, mul, div, less, min, max, sum, isZero, text, floor, ceil, round, ZERO, ONE };

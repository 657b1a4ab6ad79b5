'use strict';
// The worked examples of billing/CREDITS.md: a block ```json example contains the input, the block
// ```worked after it the result. Sums in the text are computed with fractions of BigInt.
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./amends.js');

const text = () => fs.readFileSync(path.join(ROOT, 'billing/CREDITS.md'), 'utf8');

function gcd(a, b) {
  return b ? gcd(b, a % b) : a;
}

function fraction(num, den = 1n) {
  if (den === 0n) throw new Error('a division by 0');
  const common = gcd(num < 0n ? -num : num, den < 0n ? -den : den) * (den < 0n ? -1n : 1n) || 1n;
  return { num: num / common, den: den / common };
}

function decimal(digits) {
  const [whole, rest = ''] = digits.split('.');
  return fraction(BigInt(whole + rest), 10n ** BigInt(rest.length));
}

const same = (a, b) => a.num === b.num && a.den === b.den;
const less = (a, b) => a.num * b.den < b.num * a.den;

const plain = ({ num, den }) => (den === 1n ? `${num}` : `${num}/${den}`);

function floor({ num, den }, digits = 0) {
  const scale = 10n ** BigInt(digits);
  const low = num * scale / den;
  return fraction(num * scale % den < 0n ? low - 1n : low, scale);
}

const FUNCTIONS = {
  floor: ([a]) => floor(a),
  min: (all) => all.reduce((least, one) => (less(one, least) ? one : least)),
};
const OPERATORS = {
  '+': [1, (a, b) => fraction(a.num * b.den + b.num * a.den, a.den * b.den)],
  '-': [1, (a, b) => fraction(a.num * b.den - b.num * a.den, a.den * b.den)],
  '*': [2, (a, b) => fraction(a.num * b.num, a.den * b.den)],
  '/': [2, (a, b) => fraction(a.num * b.den, a.den * b.num)],
};

// "floor((worth + 2) * 3 / 4)" as a fraction; names are those of values.
function compute(source, values) {
  const words = source.match(/\d+(?:\.\d+)?|[a-z]+|\S/g) || [];
  const take = (word) => { if (words.shift() !== word) throw new Error(`${source}: no ${word}`); };
  const operand = () => {
    const word = words.shift() || '';
    if (/^\d/.test(word)) return decimal(word);
    if (word in FUNCTIONS) {
      take('(');
      const all = [sum(0)];
      while (words[0] === ',') all.push((words.shift(), sum(0)));
      take(')');
      return FUNCTIONS[word](all);
    }
    if (word !== '(') {
      if (!values[word]) throw new Error(`${source}: what is ${word}?`);
      return values[word];
    }
    const inner = sum(0);
    take(')');
    return inner;
  };
  const sum = (above) => {
    let left = operand();
    while (words[0] in OPERATORS && OPERATORS[words[0]][0] > above) {
      const [level, apply] = OPERATORS[words.shift()];
      left = apply(left, sum(level));
    }
    return left;
  };
  const value = sum(0);
  if (words.length) throw new Error(`${source}: ${words[0]} follows nothing`);
  return value;
}

// The value of "a = b = c"; throws if they differ. "83.33.." is cut after its last digit.
function equation(source, values) {
  const parts = source.split('=').map((part) => part.trim());
  const value = compute(parts[0], values);
  for (const part of parts.slice(1)) {
    const cut = part.match(/^(\d+\.(\d+))\.\.$/);
    const right = cut ? same(floor(value, cut[2].length), decimal(cut[1])) : same(compute(part, values), value);
    if (!right) throw new Error(`${parts[0]} is not ${part}, but ${value.num}/${value.den}`);
  }
  return value;
}

// The runs of a block: [{incidents, periods: [{period, window, price, instant, values}]}], the
// lists in the words of the text.
function worked(block) {
  const runs = [];
  let period;
  for (const line of block.split('\n').map((one) => one.trim()).filter(Boolean)) {
    const [, label, sums] = line.match(/^(.*?)(?:: (.*))?$/);
    const [kind, ...words] = label.split(/,? /);
    if (kind === 'run') {
      runs.push({ incidents: words.slice(1), periods: [] });
    } else if (kind === 'period') {
      period = { period: words.join(' '), window: [], price: [], instant: [], values: {} };
      runs[runs.length - 1].periods.push(period);
    } else if (kind in period && kind !== 'values') {
      period[kind].push(sums ? `${words.join(' ')}: ${plain(equation(sums, period.values))}` : words.join(' '));
    } else {
      period.values[label] = equation(sums, period.values);
    }
  }
  return runs;
}

// [{title, given, block, runs}], in the order of the document.
function examples(document) {
  const found = document.matchAll(/^### (.*)\n(?:(?!^### )[\s\S])*?^```json example\n([\s\S]*?)^```\n[\s\S]*?^```worked\n([\s\S]*?)^```/gm);
  return [...found].map(([, title, given, block]) => ({ title, given: JSON.parse(given), block, runs: worked(block) }));
}

module.exports = { text, examples, worked, same, decimal, divide: OPERATORS['/'][1], plain };

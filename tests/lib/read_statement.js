'use strict';
// Computes a credit again from nothing but the English text of its page: no JSON, no policy, no
// evidence. A sentence that it does not know is an error.
const { fraction, ZERO, ONE, parse, add, sub, mul, div, less, min, max, sum, isZero, floor, ceil, round } = require('./naive_contracts/rational.js');

const { Counting, instant } = require('./read_counting.js');
const { midnight, dayOf } = require('./naive_contracts/calendar.js');

const HUNDRED = fraction(100);
const EXPONENTS = { JPY: 0, KRW: 0, KWD: 3, BHD: 3, TND: 3, CLF: 4 };

const number = (text) => parse(text.replace(/,/g, ''));
const minor = (text) => {
  const [, digits, unit] = text.match(/^([\d.,]+) ([A-Z]{3}|days?)$/) || [];
  if (!unit) throw new Error(`no amount: "${text}"`);
  return mul(number(digits), fraction(10n ** BigInt(EXPONENTS[unit] ?? 2)));
};
// Numbers are cut off after 12 digits of the unit.
const near = (a, b) => less(max(sub(a, b), sub(b, a)), fraction(1, 10n ** 8n));

const visible = (html) => html.replace(/<[^>]+>/g, '').replace(/&amp;/g, '&').replace(/&#39;/g, "'").replace(/&quot;/g, '"').replace(/\s+/g, ' ').trim();

// The sentences of each line of the credit.
const linesOf = (html) => [...html.matchAll(/<details class="exact">.*?<\/details>/gs)].map(([details]) => [...details.matchAll(/<li>(.*?)<\/li>/gs)].map(([, item]) => visible(item)));

// "10 % × (99.00 EUR × 600 s + 120.00 EUR / 12 × 60 s) / 660 s": money in minor units, percent as shares.
// A number that was computed above counts as it was computed, not as it was cut off for print.
function evaluate(text, computed) {
  const tokens = text.match(/\d[\d.,]*(?:\/\d+)?(?: (?:[A-Z]{3}|days?|s|%)(?![A-Za-z]))?|[×/+−()]/g) || [];
  if (tokens.join('').replace(/ /g, '') !== text.replace(/ /g, '')) throw new Error(`no formula: "${text}"`);
  const operand = (token, divides) => {
    if (computed.has(token) && !divides) return computed.get(token);
    const [digits, unit] = token.split(' ');
    if (unit === '%') return div(number(digits), HUNDRED);
    return /^([A-Z]{3}|days?)$/.test(unit) && !divides ? minor(token) : number(digits);
  };
  const factor = (divides) => {
    const token = tokens.shift();
    if (token !== '(') return operand(token, divides);
    const inner = total();
    tokens.shift();
    return inner;
  };
  const product = () => {
    let value = factor();
    while (tokens[0] === '×' || tokens[0] === '/') value = tokens.shift() === '×' ? mul(value, factor()) : div(value, factor(true));
    return value;
  };
  const total = () => {
    let value = product();
    while (tokens[0] === '+' || tokens[0] === '−') value = (tokens.shift() === '+' ? add : sub)(value, product());
    return value;
  };
  return total();
}

// [us, weight in basis points of basis points] as seconds.
const lost = (list) => sum(list.map(([us, weight]) => mul(fraction(us, 1000000), fraction(weight, 100000000))));

const noPart = () => ({ counting: new Counting(), times: [], amounts: [], failed: [], moments: [], owed: ZERO, is: true, allowed: ZERO, tiers: ZERO });

class Reader {
  constructor() {
    Object.assign(this, { prices: [], parts: [], computed: new Map() });
  }

  // Each sentence of the page, and what it means here.
  static SENTENCES = [
    [/^(\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d) \((.*)\): (\d+) days, ([\d.]+) s\.$/, 'period'],
    [/^Cut from .* to .*, whose days and seconds these are\.$/, 'cut'],
    [/^(?:(.*): )?([\d.,]+ \S+) a (month|year) from (.*) to (.*), ([\d.]+) s\. The billing period has (\d+) days, ([\d.]+) s\.$/, 'price'],
    [/^Outage “(.*)”: (.*) – (.*), counted at ([\d.]+) %$/, 'outage'],
    [/^Grace for “(.*)”: working days after (.*): (\d+)(?:, without (.*))?, so it counts from (.*)\.$/, 'workingDays'],
    [/^Grace for “(.*)”: (.*) \+ ([\d.]+) s, so it counts from (.*)\.$/, 'grace'],
    [/^(.*) – (.*): ([\d.]+) s, (not shorter|shorter) than ([\d.]+) s: (?:counts|does not count)\.$/, 'block'],
    [/^(.*) – (.*): (whole )?intervals of ([\d.]+) s since 1970-01-01 00:00 UTC (?:in it|that it touches): (.*) – (.*)\.$/, 'grid'],
    [/^(.*) – (.*): no whole interval of ([\d.]+) s since 1970-01-01 00:00 UTC in it: does not count\.$/, 'noGrid'],
    [/^These intervals (make the amount|only measure the uptime).*$/, 'gridFor'],
    [/^Uptime that decides whether anything is owed: (100 % × \(1 − ([\d.]+) s \/ ([\d.]+) s\)) = ([\d.]+ %)$/, 'downBelow'],
    [/^(.*) – (.*): ([\d.]+ s × ([\d.]+) %) = ([\d.]+ s)$/, 'time'],
    [/^(.*) – (.*): (([\d.]+ s × ([\d.]+) %) × .* \/ [\d.]+ s) = (.*)$/, 'money'],
    [/^.*: (\d+) of (\d+) requests failed$/, 'failed'],
    [/^Price of the period: (.*)$/, 'worth'],
    [/^Mean price of the period: (.*) = (.*)$/, 'mean'],
    [/^Uptime: 100 % × \(1 − the sum of the failed shares \/ (\d+) intervals\) = ([\d.]+) %$/, 'requests'],
    [/^Uptime: (100 % × \(1 − ([\d.]+) s \/ ([\d.]+) s\)) = ([\d.]+ %)$/, 'uptime'],
    [/^Downtime: ([\d.]+) s$/, 'down'],
    [/^The uptime ([\d.]+ %) is below ([\d./]+ %)\.$/, 'open'],
    [/^The uptime ([\d.]+ %) is not below ([\d./]+ %): nothing is owed\.$/, 'closed'],
    [/^Allowed downtime: (\(100 % − [\d./]+ %\) × [\d.]+ s) = ([\d.]+ s)$/, 'allowed'],
    [/^([\d./]+) × the sum of these amounts(?: × \(([\d.]+ s) − ([\d.]+ s)\) \/ [\d.]+ s)? = (.*)$/, 'prorata'],
    [/^Fixed amount: (.*)$/, 'fixed'],
    [/^(Applies|Reached, but pays no more|Not reached): (uptime below|downtime of) ([\d./]+)(?: %| s or more): (.*)$/, 'tier'],
    [/^(?:(.*): )?([\d.]+) s in units of ([\d.]+) s, started ones included: (\d+)$/, 'started'],
    [/^(?:(.*): )?([\d.]+) s in complete units of ([\d.]+) s: (\d+)$/, 'complete'],
    [/^(?:(.*): )?Days that count: (\d+)$/, 'dates'],
    [/^(\d+) of them, from number (\d+) on: (.*) each$/, 'step'],
    [/^In all: (.*)$/, 'together'],
    [/^(.*) had no price in this period: nothing is owed for it\.$/, 'idle'],
    [/^Claimed in time\.$/, 'claimed'],
    [/^The caps of its incidents leave at most (.*)\.$/, 'incidents'],
    [/^Exact amount: (.*)$/, 'exact'],
    [/^Rounded \((.*)\): (.*)$/, 'rounded'],
    [/^Raised to the minimum credit: (.*)$/, 'raised'],
    [/^Less credit already given for this period: (.*)$/, 'earlier'],
    [/^Price of the period for the cap: (.*)$/, 'base'],
    [/^Price of the (?:calendar year|30 days before): (.*) = (.*)$/, 'mean'],
    [/^Cap of the (?:period|calendar year): (.*), rounded down (.*); (.*) of it was already credited\.$/, 'cap'],
    [/^Credit: (.*)$/, 'amount'],
    [/^.*: ([\d./]+ × .* \/ \d+ days) = (.*)$/, 'moment'],
    [/^(.*)$/, 'product'],
  ];

  read(sentence) {
    for (const [pattern, name] of Reader.SENTENCES) {
      const found = sentence.match(pattern);
      if (found) return this[name](...found.slice(1));
    }
    throw new Error(sentence);
  }

  // What a formula gives, which must be what is stated.
  formula(text, stated) {
    const value = evaluate(text, this.computed);
    this.check(value, stated);
    return value;
  }

  check(value, stated) {
    const plain = evaluate(stated, new Map());
    if (!near(value, plain)) throw new Error(`${stated} is stated, not ${Number(value.num) / Number(value.den)}`);
    this.computed.set(stated, value);
  }

  part() {
    if (!this.parts.length) this.product();
    return this.parts[this.parts.length - 1];
  }

  period(from, to, zone, days, seconds) {
    Object.assign(this, { seconds: number(seconds), zone, window: { from: midnight(dayOf(from), zone), to: midnight(dayOf(to), zone) } });
  }

  cut() {}
  price(product, price, interval, from, to, length, days, seconds) {
    this.prices.push({ product, price: minor(price), from: instant(from), to: instant(to), length: number(length), seconds: number(seconds) });
  }

  // A price line's part begins.
  product(name) {
    if (name && !this.prices.every(({ product }) => product)) throw new Error(`"${name}" says nothing`);
    this.parts.push(Object.assign(noPart(), { prices: this.prices.filter(({ product }) => product === name) }));
  }

  idle(name) { if (this.prices.some(({ product }) => product === name)) throw new Error(`${name} has a price`); }
  outage(...stated) { this.part().counting.outage(...stated); }
  grace(...stated) { this.part().counting.grace(...stated); }
  workingDays(...stated) { this.part().counting.workingDays(this.zone, ...stated); }
  block(from, to, seconds, how, least) { this.part().counting.block(from, to, seconds, how === 'shorter', least); }
  grid(from, to, whole, seconds, ...stated) { this.part().counting.grid(whole ? 'whole' : 'any', from, to, seconds, stated); }
  noGrid(from, to, seconds) { this.part().counting.grid('none', from, to, seconds); }
  gridFor(what) { this.part().counting.purpose = what === 'make the amount' ? 'amount' : 'below'; }

  downBelow(text, down, entitled, stated) {
    const part = this.part();
    if (!near(lost(part.counting.seconds('below', part.prices, this.window)), number(down))) throw new Error(`${down} s below`);
    if (!near(sum(part.prices.map(({ length }) => length)), number(entitled))) throw new Error(`entitled ${entitled}`);
    this.formula(text, stated);
  }

  time(from, to, text, percent, stated) {
    this.part().counting.paidFor(from, to, percent);
    this.part().times.push(this.formula(text, stated));
  }

  money(from, to, text, seconds, percent, stated) {
    this.part().counting.paidFor(from, to, percent);
    this.part().times.push(evaluate(seconds, this.computed));
    this.part().amounts.push(this.formula(text, stated));
  }

  failed(bad, total) { this.part().failed.push(fraction(bad, total)); }

  // The price of a whole period is one of the prices above; a mean is a formula.
  worth(stated) {
    const value = minor(stated);
    if (!isZero(value) && !this.part().prices.some(({ price }) => near(price, value))) throw new Error(`${stated} is no price above`);
    this.part().worth = value;
  }

  mean(text, stated) {
    this.reference = this.formula(text, stated);
    this.part().worth ||= this.reference;
  }

  requests(intervals, uptime) {
    const part = this.part();
    part.uptime = mul(HUNDRED, sub(ONE, div(sum(part.failed), fraction(intervals))));
    if (!near(part.uptime, number(uptime))) throw new Error(`uptime ${uptime}`);
    this.computed.set(`${uptime} %`, div(part.uptime, HUNDRED));
  }

  uptime(text, down, entitled, stated) {
    const part = this.part();
    this.down(down);
    if (!near(sum(part.prices.map(({ length }) => length)), number(entitled))) throw new Error(`entitled ${entitled}`);
    this.check(sub(ONE, div(part.down, number(entitled))), stated);
    part.uptime = mul(HUNDRED, this.computed.get(stated));
  }

  down(seconds) {
    const part = this.part();
    part.down = sum(part.times);
    this.check(part.down, `${seconds} s`);
  }

  gate(uptime, percent, is) {
    const value = evaluate(uptime, this.computed);
    if (less(value, evaluate(percent, new Map())) !== is) throw new Error(`the gate ${percent}`);
    this.part().is = is;
  }

  open(uptime, percent) { this.gate(uptime, percent, true); }
  closed(uptime, percent) { this.gate(uptime, percent, false); }
  allowed(text, stated) { this.part().allowed = this.formula(text, stated); }

  prorata(multiplier, down, allowed, stated) {
    const part = this.part();
    const over = sub(part.down, part.allowed);
    const kept = isZero(part.down) || !less(ZERO, over) ? ZERO : div(over, part.down);
    part.owed = part.is ? mul(mul(number(multiplier), sum(part.amounts)), kept) : ZERO;
    this.check(part.owed, stated);
  }

  fixed(amount) { this.part().owed = minor(amount); }

  // "the greatest of (10 % × 99.00 EUR; 5.00 EUR) = 9.90 EUR"
  pays(text) {
    const [left, stated = left] = text.split(' = ');
    const several = left.match(/^the (greatest|sum) of \((.*)\)$/);
    const list = (several ? several[2].split('; ') : [left]).map((one) => evaluate(one, this.computed));
    const value = several && several[1] === 'sum' ? sum(list) : list.reduce(max, ZERO);
    this.check(value, stated);
    return value;
  }

  tier(how, of, bound, text) {
    const part = this.part();
    const holds = of === 'uptime below' ? part.uptime && less(part.uptime, number(bound)) : !less(part.down, number(bound));
    if (Boolean(holds) !== (how !== 'Not reached')) throw new Error(`${how}: ${bound}`);
    if (holds) part.tiers = max(part.tiers, this.pays(text));
    part.owed = part.is ? part.tiers : ZERO;
  }

  units(title, down, unit, stated, whole) {
    const part = this.part();
    const own = max(ZERO, sub(part.down, part.allowed));
    const alone = title === undefined ? null : part.counting.alone(title, this.window);
    if (alone && !near(lost(alone), number(down))) throw new Error(`${title}: not ${down} s`);
    if (title === undefined && !near(own, number(down))) throw new Error(`${down} s, not ${Number(own.num) / Number(own.den)}`);
    const n = whole(div(title === undefined ? own : number(down), number(unit)));
    if (n !== BigInt(stated)) throw new Error(`${stated} units, not ${n}`);
    this.dates(title, stated);
  }

  started(title, down, unit, n) { this.units(title, down, unit, n, ceil); }
  complete(title, down, unit, n) { this.units(title, down, unit, n, floor); }
  dates(title, n) { this.left = BigInt(n); }

  step(n, from, text) {
    const part = this.part();
    this.left -= BigInt(n);
    if (this.left < 0n) throw new Error(`${n} units too many`);
    if (part.is) part.owed = add(part.owed, mul(fraction(n), this.pays(text)));
  }

  together(stated) { this.check(this.part().owed, stated); }

  moment(text, stated) {
    const value = this.formula(text, stated), part = this.part();
    if (part.is) part.owed = add(part.owed, value);
  }

  claimed() {}
  incidents(most) { this.most = minor(most); }

  exact(stated) {
    for (const { counting, prices } of this.parts.filter((part) => part.counting.stated)) counting.check(prices, this.window);
    const owed = sum(this.parts.map((part) => part.owed));
    this.value = this.most ? min(owed, this.most) : owed;
    this.check(this.value, stated);
  }

  rounded(how, stated) {
    this.value = fraction(round(this.value, { 'half up': 'half_up', 'half to even': 'half_even', up: 'up' }[how]));
    if (!near(this.value, minor(stated))) throw new Error(`rounded ${stated}`);
  }

  raised(least) { this.value = max(this.value, minor(least)); }
  earlier(amount) { this.value = sub(this.value, minor(amount)); }

  base(stated) {
    this.check(sum(this.parts.map(({ worth = ZERO }) => worth)), stated);
    this.reference = this.computed.get(stated);
  }

  cap(text, stated, taken) {
    const value = evaluate(text, this.computed);
    if (floor(value) !== minor(stated).num) throw new Error(`cap ${stated}`);
    this.value = min(this.value, sub(minor(stated), minor(taken)));
  }

  amount(stated) { this.stated = minor(stated); }
}

// [{stated, counted}] in minor units, one a line of the page.
function recount(html) {
  return linesOf(html).map((sentences) => {
    const reader = new Reader();
    for (const sentence of sentences) {
      try {
        reader.read(sentence);
      } catch (error) {
        throw new Error(`${error.message}\n${sentences.join('\n')}`);
      }
    }
    const derived = reader.parts.some((part) => part.counting.stated);
    return { stated: reader.stated.num, counted: reader.value.num, derived, sentences };
  });
}

// The page that the account's contact gets, from the letter's link: only this credit of it.
async function statementOf(amends, { id, run, account }) {
  const letter = await amends.call('POST', `/v1/credit-runs/${run}/notices/preview`, { subject: 'S', body: 'B', account });
  const [url] = letter.text.match(/https?:\S+\/credit\/[^\s>)]+/);
  const { text } = await amends.request('GET', new URL(url).pathname, undefined, { key: null, headers: { 'accept-language': 'en' } });
  return text.split('<section id="credit-').find((part) => part.startsWith(`${id}"`));
}

// Every credit of the feed that stands, by its statement. windows: lines whose time that counts follows
// from its outages.
async function recountAll(amends) {
  const wrong = [];
  let [lines, windows] = [0, 0];
  for (const credit of (await amends.all('/v1/credits')).filter(({ state }) => state !== 'reversed')) {
    try {
      for (const { stated, counted, derived, sentences } of recount(await statementOf(amends, credit))) {
        lines++;
        windows += derived;
        if (stated !== counted) wrong.push(`credit ${credit.id}: ${stated}, from its page ${counted}\n${sentences.join('\n')}`);
      }
    } catch (error) {
      wrong.push(`credit ${credit.id}: ${error.message}`);
    }
  }
  return { lines, windows, wrong };
}

// The sentences of a credit's statement, line by line.
const sentencesOf = async (amends, credit) => linesOf(await statementOf(amends, credit));

module.exports = { recount, recountAll, sentencesOf };

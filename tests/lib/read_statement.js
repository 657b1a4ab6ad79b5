'use strict';
// Computes a credit again from nothing but the English text of its page: no JSON, no policy, no
// evidence. A sentence that it does not know is an error.
const { fraction, ZERO, ONE, parse, add, sub, mul, div, less, min, max, sum, isZero, floor, ceil, round } = require('./naive_contracts/rational.js');

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

// One of a tier's or a step's remedies.
function remedy(text, part) {
  const is = (pattern) => text.match(pattern);
  let found;
  if ((found = is(/^([\d.,/]+) % × (.+)$/))) return div(mul(number(found[1]), part.worth), HUNDRED);
  if ((found = is(/^([\d.,/]+) × (.+) × 3600 s \/ ([\d.,]+) s$/))) return div(mul(mul(number(found[1]), minor(found[2])), fraction(3600)), number(found[3]));
  if ((found = is(/^([\d.,/]+) × (.+) \/ (\d+) days$/))) return div(mul(number(found[1]), minor(found[2])), number(found[3]));
  return minor(text);
}

function pays(text, part) {
  const [left, stated = left] = text.split(' = ');
  const several = left.match(/^the (greatest|sum) of \((.*)\)$/);
  const list = (several ? several[2].split('; ') : [left]).map((one) => remedy(one, part));
  const value = several && several[1] === 'sum' ? sum(list) : list.reduce(max, ZERO);
  if (!near(value, minor(stated))) throw new Error(`${text}: ${value.num}/${value.den}`);
  return value;
}

class Reader {
  constructor() {
    Object.assign(this, { prices: [], times: [], parts: [], moments: [], bases: [] });
  }

  // Each sentence of the page, and what it means here.
  static SENTENCES = [
    [/^\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d \(.*\): (\d+) days, ([\d.]+) s\.$/, 'period'],
    [/^Cut from .* to .*, whose days and seconds these are\.$/, 'cut'],
    [/^(?:(.*): )?([\d.,]+ \S+) a (month|year) from .*, ([\d.]+) s\. The billing period has (\d+) days, ([\d.]+) s\.$/, 'price'],
    [/^(?:(.*): )?\S.* – .*: ([\d.]+) s count ([\d.]+) %, at (.*) for ([\d.]+) s\.$/, 'time'],
    [/^Price of the period, its mean where it changed: (.*)\.$/, 'worth'],
    [/^Downtime ([\d.]+) s of ([\d.]+) s: uptime ([\d.]+) %\.$/, 'down'],
    [/^Downtime ([\d.]+) s\.$/, 'down'],
    [/^(\d+) intervals: .* uptime of ([\d.]+) %\.$/, 'requests'],
    [/^The uptime ([\d.]+) % is below ([\d./]+) %\.$/, 'open'],
    [/^The uptime ([\d.]+) % is not below ([\d./]+) %: nothing is owed\.$/, 'closed'],
    [/^([\d.]+) s of downtime are allowed; only the rest counts\.$/, 'allowed'],
    [/^([\d./]+) × the sum of seconds × share × price .* = ([^=]+)$/, 'prorata'],
    [/^A fixed amount: (.*)$/, 'fixed'],
    [/^(Applies|Reached, but pays no more|Not reached): (uptime below|downtime of) ([\d./]+) (?:%|s or more): (.*)$/, 'tier'],
    [/^(?:(.*): )?([\d.]+) s in units of ([\d.]+) s, started ones included: (\d+)$/, 'started'],
    [/^(?:(.*): )?([\d.]+) s in complete units of ([\d.]+) s: (\d+)$/, 'complete'],
    [/^(?:(.*): )?Days that count: (\d+)$/, 'dates'],
    [/^(\d+) of them, from number (\d+) on: (.*) each$/, 'step'],
    [/^Together: (.*)$/, 'together'],
    [/^Claimed in time\.$/, 'claimed'],
    [/^The caps of its incidents leave at most (.*)\.$/, 'incidents'],
    [/^Exact amount: (.*)$/, 'exact'],
    [/^Rounded \((.*)\): (.*)$/, 'rounded'],
    [/^Raised to the least that is credited: (.*)$/, 'raised'],
    [/^Less what was credited before for this period: (.*)$/, 'earlier'],
    [/^Price of the (period for the cap|calendar year|30 days before): (.*)$/, 'base'],
    [/^Cap of the (?:period|calendar year): (.*), rounded down (.*); (.*) of it was credited before\.$/, 'cap'],
    [/^Credit: (.*)$/, 'amount'],
    [/^(.*): ([\d./]+) × (.*) \/ (\d+)$/, 'moment'],
    [/^(.*)$/, 'product'],
  ];

  read(sentence) {
    for (const [pattern, name] of Reader.SENTENCES) {
      const found = sentence.match(pattern);
      if (found) return this[name](...found.slice(1));
    }
    throw new Error(sentence);
  }

  period(days, seconds) { this.seconds = number(seconds); }
  cut() {}
  price(product, price, interval, length, days, seconds) { this.prices.push({ product, price: minor(price), months: interval === 'year' ? 12 : 1, length: number(length), seconds: number(seconds) }); }
  time(product, seconds, percent, price, period) { this.times.push({ product, seconds: number(seconds), share: div(number(percent), HUNDRED), price: minor(price), period: number(period) }); }
  // The heading of a price line's part.
  product(name) {
    if (!this.prices.some(({ product }) => product === name) && this.prices.some(({ product }) => product)) this.idle = name;
    this.named = name;
  }

  part() {
    const { named } = this;
    const last = this.parts[this.parts.length - 1];
    if (last && last.named === named && named !== undefined) return last;
    if (last && named === undefined) return last;
    const part = { named, times: this.times.filter(({ product }) => product === named), prices: this.prices.filter(({ product }) => product === named), owed: ZERO, is: true, tiers: [], allowed: ZERO };
    part.down = sum(part.times.map(({ seconds, share }) => mul(seconds, share)));
    part.entitled = sum(part.prices.map(({ length }) => length));
    this.parts.push(part);
    return part;
  }

  // price(M): of a billing period, or months x the mean over a calendar window.
  worth(stated) {
    const part = this.part();
    const billing = sum(part.prices.map(({ price, length, seconds }) => div(mul(price, length), seconds)));
    const mean = div(sum(part.prices.map(({ price, length, months }) => div(mul(price, length), fraction(months)))), this.seconds);
    const all = [billing, ...[1, 3, 12].map((months) => mul(mean, fraction(months)))];
    part.worth = all.find((one) => near(one, minor(stated)));
    if (!part.worth) throw new Error(`worth ${stated}, not ${all.map(({ num, den }) => Number(num) / Number(den))}`);
  }

  down(down, entitled, uptime) {
    const part = this.part();
    if (!near(part.down, number(down))) throw new Error(`downtime ${down}`);
    if (entitled === undefined) return;
    if (!near(part.entitled, number(entitled))) throw new Error(`entitled ${entitled}`);
    part.uptime = mul(HUNDRED, sub(ONE, div(part.down, part.entitled)));
    if (!near(part.uptime, number(uptime))) throw new Error(`uptime ${uptime}`);
  }

  requests(intervals, uptime) { Object.assign(this.part(), { uptime: number(uptime), measured: true }); }

  gate(uptime, percent, is) {
    const part = this.part();
    if (less(number(uptime), number(percent)) !== is) throw new Error(`the gate ${percent}`);
    part.is = is;
  }

  open(uptime, percent) { this.gate(uptime, percent, true); }
  closed(uptime, percent) { this.gate(uptime, percent, false); }
  allowed(seconds) { this.part().allowed = number(seconds); }

  prorata(multiplier, stated) {
    const part = this.part();
    const lost = sum(part.times.map(({ seconds, share, price, period }) => div(mul(mul(seconds, share), price), period)));
    const over = sub(part.down, part.allowed);
    const kept = isZero(part.down) || !less(ZERO, over) ? ZERO : div(over, part.down);
    part.owed = part.is ? mul(mul(number(multiplier), lost), kept) : ZERO;
    if (!near(part.owed, minor(stated))) throw new Error(`prorata ${stated}`);
  }

  fixed(amount) { this.part().owed = minor(amount); }

  tier(how, of, bound, text) {
    const part = this.part();
    const holds = of === 'uptime below' ? part.uptime && less(part.uptime, number(bound)) : !less(part.down, number(bound));
    if (holds !== (how !== 'Not reached')) throw new Error(`${how}: ${bound}`);
    part.tiers.push({ holds, value: pays(text, part) });
    const most = part.tiers.filter((one) => one.holds).map(({ value }) => value).reduce(max, ZERO);
    part.owed = part.is ? most : ZERO;
  }

  units(title, down, unit, stated, whole) {
    const part = this.part();
    const seconds = title === undefined ? max(ZERO, sub(part.down, part.allowed)) : number(down);
    const n = whole(div(seconds, number(unit)));
    if (n !== BigInt(stated)) throw new Error(`${stated} units, not ${n}`);
    this.dates(title, stated);
  }

  started(title, down, unit, n) { this.units(title, down, unit, n, ceil); }
  complete(title, down, unit, n) { this.units(title, down, unit, n, floor); }
  dates(title, n) { this.left = BigInt(n); }

  step(n, from, text) {
    const part = this.part();
    this.left -= BigInt(n);
    if (part.is) part.owed = add(part.owed, mul(fraction(n), pays(text, part)));
  }

  together(stated) {
    if (!near(this.part().owed, minor(stated))) throw new Error(`together ${stated}`);
  }

  moment(at, days, price, dates) { this.moments.push(div(mul(number(days), minor(price)), number(dates))); }
  claimed() {}
  incidents(most) { this.most = minor(most); }

  exact(stated) {
    const owed = this.moments.length ? sum(this.moments) : sum(this.parts.map((part) => part.owed));
    this.value = this.most ? min(owed, this.most) : owed;
    if (!near(this.value, minor(stated))) throw new Error(`exact ${stated}, not ${Number(this.value.num) / Number(this.value.den)}`);
  }

  rounded(how, stated) {
    this.value = fraction(round(this.value, { 'half up': 'half_up', 'half to even': 'half_even', up: 'up' }[how]));
    if (!near(this.value, minor(stated))) throw new Error(`rounded ${stated}`);
  }

  raised(least) { this.value = max(this.value, minor(least)); }
  earlier(amount) { this.value = sub(this.value, minor(amount)); }
  base(what, amount) { this.reference = minor(amount); }

  cap(text, stated, taken) {
    const percent = text.match(/^([\d./]+) % × /), days = text.match(/^([\d./]+) × .* \/ (\d+) days$/);
    const value = percent ? div(mul(number(percent[1]), this.reference), HUNDRED) : days ? div(mul(number(days[1]), this.reference), number(days[2])) : minor(text);
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
    return { stated: reader.stated.num, counted: reader.value.num, sentences };
  });
}

// Every credit of the books that stands, by its page.
async function recountAll(amends, desk, ids) {
  const wrong = [];
  let lines = 0;
  for (const id of ids) {
    const page = await desk.get(`/staff/credits/items/${id}`);
    try {
      for (const { stated, counted, sentences } of recount(page.text)) {
        lines++;
        if (stated !== counted) wrong.push(`credit ${id}: ${stated}, from its page ${counted}\n${sentences.join('\n')}`);
      }
    } catch (error) {
      wrong.push(`credit ${id}: ${error.message}`);
    }
  }
  return { lines, wrong };
}

module.exports = { recount, recountAll };

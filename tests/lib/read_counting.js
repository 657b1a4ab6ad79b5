'use strict';
// From the outages that a statement names to the time that counts, by its sentences of grace, of the
// smallest block and of the grid. Each of them is checked, and so is every stretch that is paid for.
const { greatest, clip, blocksOf } = require('./naive_contracts/weight.js');
const { midnight, localDay, dayOf } = require('./naive_contracts/calendar.js');

const same = (a, b) => a.from === b.from && a.to === b.to;
const micros = (seconds) => Math.round(Number(seconds) * 1e6);
// Basis points times basis points, as the engine counts: at most six digits of a percentage.
const weightOf = (percent) => BigInt(Math.round(Number(percent) * 1e6));

// "Mar 10, 2026, 11:07:30 AM GMT+5:30 + 0.25 s", as microseconds.
function instant(text) {
  const [, date, time, half, sign, hours = 0, minutes = 0, rest = 0] = text.match(/^(\w+ \d+, \d+), ([\d:]+) ([AP]M) (?:UTC|GMT([+-])(\d+)(?::(\d+))?)(?: \+ ([\d.]+) s)?$/) || [];
  if (!date) throw new Error(`no time: "${text}"`);
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60e6;
  return Date.parse(`${date} ${time} ${half} UTC`) * 1000 - offset + micros(rest);
}

const span = (from, to) => ({ from: instant(from), to: instant(to) });

class Counting {
  constructor() {
    Object.assign(this, { outages: new Map(), ends: new Map(), kept: [], paid: [], purpose: 'both' });
  }

  get stated() { return this.outages.size > 0; }

  outage(incident, from, to, percent) {
    if (!this.outages.has(incident)) this.outages.set(incident, []);
    this.outages.get(incident).push({ ...span(from, to), weight: weightOf(percent) });
  }

  grace(incident, from, seconds, to) {
    if (instant(from) + micros(seconds) !== instant(to)) throw new Error(`grace of ${incident}`);
    this.ends.set(incident, instant(to));
  }

  // Days that are neither skipped nor that of the start.
  workingDays(zone, incident, from, days, skipped, to) {
    const free = (skipped || '').split(', ').filter(Boolean).map(dayOf);
    const start = localDay(instant(from), zone);
    const end = start + Number(days) + free.length + 1;
    if (!free.every((day) => day > start && day < end - 1) || midnight(end, zone) !== instant(to)) throw new Error(`grace of ${incident}`);
    this.ends.set(incident, instant(to));
  }

  after(incident) {
    return clip(this.outages.get(incident), this.ends.get(incident) ?? -Infinity, Infinity);
  }

  together() { return greatest([...this.outages.keys()].map((incident) => this.after(incident))); }

  // The next block is the one that is stated.
  next(from, to) {
    this.blocks ||= blocksOf(this.together());
    const block = this.blocks.shift();
    const whole = block && { from: block[0].from, to: block[block.length - 1].to };
    if (!whole || !same(whole, span(from, to))) throw new Error(`no block from ${from} to ${to}`);
    this.current = { ...whole, block };
    return this.current;
  }

  block(from, to, seconds, shorter, least) {
    const one = this.next(from, to);
    if (one.to - one.from !== micros(seconds)) throw new Error(`the block has not ${seconds} s`);
    if ((one.to - one.from < micros(least)) !== shorter) throw new Error(`the block against ${least} s`);
    this.least = micros(least);
    if (!shorter) this.kept.push(one);
  }

  grid(how, from, to, seconds, stated) {
    if (!this.current || this.kept.at(-1) !== this.current || this.current.grid !== undefined) this.kept.push(this.next(from, to));
    this.quantum = micros(seconds);
    this.how = how === 'none' ? this.how || 'whole' : how;
    const made = this.onGrid(this.current.block);
    this.current.grid = made;
    if (stated ? !same({ from: made[0].from, to: made.at(-1).to }, span(...stated)) : made.length) throw new Error('the grid');
  }

  onGrid(block) {
    const [q, first, last] = [this.quantum, block[0], block.at(-1)];
    const [down, up] = [(t) => Math.floor(t / q) * q, (t) => Math.ceil(t / q) * q];
    if (this.how === 'whole') return clip(block, up(first.from), down(last.to));
    return [{ ...first, from: down(first.from), to: first.from }, ...block, { ...last, from: last.to, to: up(last.to) }].filter((one) => one.from < one.to);
  }

  // W in [from, to) where a price says so. kind: amount or below.
  weight(kind, prices, { from, to }) {
    if (this.blocks && this.blocks.length) throw new Error('a block without a sentence');
    const grid = this.quantum && ['both', kind].includes(this.purpose);
    const blocks = this.blocks ? this.kept.map((one) => (grid ? one.grid : one.block)) : [this.together()];
    const all = greatest(blocks);
    return clip(greatest(prices.map((price) => clip(all, price.from, price.to))), from, to);
  }

  seconds(kind, prices, window) {
    return this.weight(kind, prices, window).map((one) => [one.to - one.from, one.weight]);
  }

  paidFor(from, to, percent) { this.paid.push({ ...span(from, to), weight: weightOf(percent) }); }

  // What is paid for is what counts.
  check(prices, window) {
    const plain = (list) => greatest([list]).map(({ from, to, weight }) => `${from} ${to} ${weight}`);
    const [stated, made] = [plain(this.paid), plain(this.weight('amount', prices, window))];
    if (stated.join() !== made.join()) throw new Error(`the time that counts is ${made}, not ${stated}`);
  }

  // Of an incident alone, whole; null where the page does not say all of it.
  alone(incident, window) {
    if (!this.stated) return null;
    const blocks = blocksOf(this.after(incident)).filter((block) => block.at(-1).to - block[0].from >= (this.least || 0));
    const all = greatest(this.quantum && this.purpose !== 'below' ? blocks.map((block) => this.onGrid(block)) : blocks);
    return all.every((one) => one.from >= window.from && one.to <= window.to) ? all.map((one) => [one.to - one.from, one.weight]) : null;
  }
}

module.exports = { Counting, instant };

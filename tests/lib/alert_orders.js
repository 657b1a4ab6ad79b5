'use strict';
// Any order and repetition of the same alerts ends in the same suggestions.
const { at, fired, over, source, essence } = require('./alerts.js');
const { is } = require('./tap.js');

// mulberry32: the same numbers for a seed.
function numbers(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

// Alerts of three fingerprints that fire, flap and end, or still fire.
function history(pick, world) {
  const list = [];
  for (let n = 0; n < 3; n += 1) {
    const name = `w${world}-${n}`, labels = { world: `w${world}`, part: `p${pick(2)}` };
    let minute = pick(5);
    for (let k = pick(4); k >= 0; k -= 1) {
      const end = minute + 1 + pick(6);
      list.push(fired(name, minute, labels));
      if (k || pick(2)) list.push(over(name, minute, end, labels));
      minute = end + pick(8);
    }
  }
  return list;
}

function shuffled(pick, list) {
  const all = list.concat(list.filter(() => pick(2)));
  for (let i = all.length - 1; i > 0; i -= 1) {
    const k = pick(i + 1);
    [all[i], all[k]] = [all[k], all[i]];
  }
  return all;
}

// The same at another time and pace.
function moved(list, base, scale) {
  const minute = (time) => (Date.parse(time) - Date.parse(at(0))) / 60000;
  const move = (time) => time && at(minute(time) * scale, base);
  return list.map((one) => ({ ...one, starts_at: move(one.starts_at), ends_at: move(one.ends_at) }));
}

// n worlds: each in its own order by one source, and shuffled with repetitions by another. scale: of
// the pace; a base within the last days has incidents that are settled when their events come late.
async function shuffles(amends, n, seed, { base = Date.parse(at(0)), scale = 1, names = ['told', 'mixed'] } = {}) {
  const pick = numbers(seed), found = {}, [told, mixed] = names;
  const sent = Array.from({ length: n }, (_, world) => moved(history(pick, world), base, scale));
  for (const name of names) {
    const send = await source(amends, name);
    await amends.call('POST', '/v1/alert-rules', { name, source: name, component: 'api', level: 'major_outage', group_by: ['world', 'part'], keep_firing_seconds: 180 * scale, for_seconds: 60 * scale, match: [{ label: 'world', op: '=~', value: 'w.*' }] });
    for (const list of sent) for (const alert of name === told ? list : shuffled(pick, list)) await send(alert);
    found[name] = essence((await amends.all('/v1/suggestions')).filter((row) => row.rule === name).map((row) => ({ ...row, rule: '' })));
  }
  is(found[mixed], found[told], `${n} histories in another order, with repetitions, suggest the same ${found[told].length} incidents (seed ${seed})`);
}

module.exports = { shuffles };

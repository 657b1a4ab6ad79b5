'use strict';
// Random contracts from a seed on, and the invariants that they must keep.
const { caseOf } = require('./random_case.js');
const { PROPERTIES, check } = require('./properties.js');
const { shrink } = require('./shrink.js');

// The properties that a case breaks: Map of name -> words.
function broken(one) {
  const found = new Map();
  check(one, (property, words) => found.set(property, words));
  return found;
}

// {worlds, faults: {property: [words]}}; stops after some faults. Each fault shows its smallest case.
function playCases({ count, seed, stop = 3, told = () => {} }) {
  const faults = Object.fromEntries(Object.keys(PROPERTIES).map((name) => [name, []]));
  let worlds = 0;
  for (; worlds < count && Object.values(faults).flat().length < stop; worlds++) {
    const one = caseOf(seed + worlds);
    for (const [property, words] of broken(one)) {
      const least = shrink(one, (less) => broken(less).has(property));
      faults[property].push(`seed ${seed + worlds}: ${words}\n${JSON.stringify(least)}`);
    }
    if (worlds % 500 === 499) told(worlds + 1);
  }
  return { worlds, faults };
}

module.exports = { PROPERTIES, playCases, broken };

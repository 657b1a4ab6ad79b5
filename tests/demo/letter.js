'use strict';
// The demo's letter about a credit.
const letter = (one) => ({
  subject: `About "${one.title}", and {{credit.amount_text}} back on your account`,
  body: 'Hello {{contact.name}},\n\nwe let {{account.name}} down, and we are sorry. '
    + '**{{credit.amount_text}}** goes back on your account.\n\nIs that too little? Write to us.',
  expected_in_days: 5,
});

module.exports = { letter };

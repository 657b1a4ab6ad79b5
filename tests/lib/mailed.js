'use strict';
// A server whose mail goes to a sink.
const { Amends, freshDirectory } = require('./amends.js');
const { MailSink } = require('./sinks.js');

// env: further settings. Both end with the scenario, by its cleanup.
async function upWithMail(cleanup, env = {}) {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, ...env } });
  cleanup(() => amends.destroy());
  return { amends, mails, dir };
}

module.exports = { upWithMail };

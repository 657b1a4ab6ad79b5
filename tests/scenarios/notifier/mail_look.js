#!/usr/bin/env node
'use strict';
// What a mail about an incident looks like in an inbox: its subject names the level, then the
// state, within one leading bracket, so that all mails stay one thread; it has the published brand.
const zlib = require('node:zlib');
const { mailTo } = require('../../lib/readers.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const PLAIN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>';

function chunk(name, body) {
  const data = Buffer.concat([Buffer.from(name), body]);
  const head = Buffer.alloc(4);
  const tail = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  tail.writeUInt32BE(zlib.crc32 ? zlib.crc32(data) : crc32(data));
  return Buffer.concat([head, data, tail]);
}
function crc32(data) {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
function png() {
  const head = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0]);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(Buffer.alloc(72))), chunk('IEND', Buffer.alloc(0))]);
}

// RFC 5256, 2.1: reply marks and [blobs] at the start are no part of the base subject.
const base = (subject) => subject.replace(/^(\s*(re|fwd?):|\s*\[[^\]]*\])+\s*/i, '');
const put = (amends, image, body, type) => fetch(`${amends.url}/v1/brand/images/${image}`, { method: 'PUT', body, headers: { authorization: `Bearer ${amends.key}`, 'content-type': type } });

async function subjects(amends, mails) {
  const post = (state, level) => amends.call('POST', '/v1/incidents/slow/updates', { state, body: 'News.', notify: true, components: level ? [{ component: 'api', level }] : [] });
  await amends.call('POST', '/v1/incidents', { ref: 'slow', title: 'API [v2] is slow', kind: 'incident', state: 'investigating', body: 'We look.', notify: true, components: [{ component: 'api', level: 'major_outage' }] });
  await mailTo(mails, 'en@readers.example', 0);
  for (const [i, [state, level]] of [['identified', 'degraded_performance'], ['monitoring', 'operational'], ['resolved', null], ['postmortem', null]].entries()) {
    await post(state, level);
    await mailTo(mails, 'en@readers.example', i + 1);
  }
  const all = await Promise.all([0, 1, 2, 3, 4].map((n) => mailTo(mails, 'en@readers.example', n)));
  is(all.map((mail) => mail.subject.match(/^\[([^\]]*)\]/)?.[1]), ['Major outage', 'Degraded performance', 'Monitoring', 'Resolved', 'Post-mortem'], 'a subject begins with the level, then the state');
  is([...new Set(all.map((mail) => base(mail.subject)))], ['Acme: API [v2] is slow'], 'the rest is the same for all (RFC 5256: one base subject)');
  is(new Set(all.map((mail) => `${mail.inReplyTo} ${mail.references}`)).size, 1, 'they refer to one message');
  is(new Set(all.map((mail) => mail.messageId)).size, 5, 'and each has its own id');
  is(all.map((mail) => mail.html.match(/class="tag" style="[^"]*background:(#\w+)/)?.[1]), ['#bb241a', '#855400', '#855400', '#16714a', '#566070'], 'the tag in the mail has the colour of the level');
  ok(/mso-hide:all">Resolved: News\.</.test(all[3].html), 'the preview line of the inbox tells state and text');
  is((await mailTo(mails, 'de@readers.example', 3)).subject, '[Behoben] Acme: API [v2] is slow', 'also in German');
}

async function brand(amends, mails) {
  const next = async (n) => {
    await amends.call('POST', '/v1/incidents', { title: `Look ${n}`, kind: 'incident', state: 'investigating', body: 'x', notify: true });
    return (await mailTo(mails, 'look@readers.example', n)).html;
  };
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'look@readers.example', confirmed: true });
  const plain = await next(0);
  ok(!/\.body[^{}]*\{[^}]*display: none/.test(plain), 'no rule hides its text');
  ok(/background:#3b4fd8/.test(plain) && !/<img/.test(plain), 'without a brand: the name and the default accent');
  await amends.call('PUT', '/v1/brand', { accent: '#9b1c31', support_url: 'https://acme.example/help' });
  is((await put(amends, 'logo', png(), 'image/png')).status, 200, 'a draft with a logo');
  ok(!/9b1c31|acme\.example|<img/.test(await next(1)), 'a draft is not in mails');
  await amends.call('POST', '/v1/brand/publish');
  const look = await next(2);
  const src = look.match(/<img src="([^"]+)" alt="Acme"/)?.[1];
  ok(src && src.startsWith(`${amends.url}/`), `the published logo by its whole address: ${src}`);
  is((await fetch(src)).headers.get('content-type'), 'image/png', 'which is served');
  ok(/background:#9b1c31/.test(look) && /a \{ color: #[0-9a-f]{6} !important/.test(look), 'with the accent, lightened on dark ground');
  ok(/href="https:\/\/acme\.example\/help"[^>]*>Support</.test(look), 'and the support link');
  await put(amends, 'logo', PLAIN, 'image/svg+xml');
  await amends.call('POST', '/v1/brand/publish');
  const svg = await next(3);
  ok(!/<img/.test(svg) && />Acme<\/p>/.test(svg), 'mail programs show no SVG: the name instead');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup, { AMENDS_BRAND: 'Acme' });
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  for (const locale of ['en', 'de']) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${locale}@readers.example`, locale, confirmed: true });
  await subjects(amends, mails);
  await brand(amends, mails);
});

'use strict';
// Actions of readers on the public pages, without a browser.
const { simpleParser } = require('../node_modules/mailparser');
const { waitUntil } = require('./amends.js');

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const encode = (fields) => new URLSearchParams(fields).toString();

// Sends a form without a key, each time from another address because of the limits.
let callers = 0;
const send = (amends, target, fields, headers = {}) => {
  callers += 1;
  const from = `203.0.${callers >> 8}.${callers & 255}`;
  return amends.request('POST', target, encode(fields), { key: null, headers: { ...FORM, 'x-forwarded-for': from, ...headers } });
};

// The n-th mail to an address (from 0), parsed, and the paths of its links by their first part.
async function mailTo(mails, address, n = 0) {
  const kept = await waitUntil(`mail ${n} to ${address}`, () => mails.mails().filter((mail) => mail.to === address)[n]);
  const mail = await simpleParser(Buffer.from(kept.data, 'latin1'));
  mail.links = [...new Set(`${mail.text} ${mail.html}`.match(/https?:\/\/127[^\s<>")]+/g))].map((url) => new URL(url).pathname);
  mail.link = (part) => mail.links.find((target) => target.startsWith(`/${part}/`));
  const list = mail.headers.get('list');
  mail.oneClick = list && list.unsubscribe && new URL(list.unsubscribe.url).pathname;
  return mail;
}

// Subscribes by form and mail; returns nothing.
async function subscribe(amends, mails, address, fields = {}) {
  await send(amends, '/subscribe', { address, ...fields });
  const mail = await mailTo(mails, address);
  await send(amends, mail.link('confirm'), {});
  return mail;
}

// The session's cookie, by a mailed link.
async function enter(amends, mails, address, n) {
  await send(amends, '/manage', { address });
  const mail = await mailTo(mails, address, n);
  const reply = await send(amends, mail.link('manage'), {});
  const cookie = reply.headers.get('set-cookie').split(';')[0];
  const page = await amends.request('GET', '/preferences', undefined, { key: null, headers: { cookie } });
  const csrf = page.text.match(/name="csrf" value="([^"]+)"/)[1];
  return { mail, reply, cookie, csrf, page };
}

module.exports = { FORM, send, mailTo, subscribe, enter };

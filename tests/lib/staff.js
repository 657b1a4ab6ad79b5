'use strict';
// A person at the staff console, without a browser.
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { AMENDS, waitUntil } = require('./amends.js');
const { sql } = require('./notifiers.js');
const { mailBodies } = require('./sinks.js');

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PASSWORD = 'correct horse battery';
const PASSWORD_HASH = '$argon2id$v=19$m=65536,t=2,p=1$icuq+NAtGKqOze0ll/DVMA$crHqeRLRP7DYAqChZiIKL7b/0tdjG9eF8BCjs6A+YUQ';

const quoted = (text) => (text === undefined ? 'null' : `'${text.replaceAll("'", "''")}'`);

// A command on the directory of `amends up`, as its operator gives it: its output.
function command(amends, ...args) {
  return execFileSync(AMENDS, [...args, '--data', path.join(amends.dir, 'var')], {
    encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
  }).trim();
}

// A person as the server's operator adds one, who has chosen PASSWORD: without the mails of
// `amends staff add`, which tests of other things would count. Returns the id.
function person(amends, login, roles, { name = login, email } = {}) {
  const [[id]] = sql(amends, `select amends.staff_create(${[login, name, email].map(quoted).join()}, '{${roles}}')`);
  sql(amends, `update staff set password_hash = '${PASSWORD_HASH}' where id = ${id}`);
  return Number(id);
}

// `amends staff add` for a person with an address: the path of the link in their mail.
async function invited(amends, mails, login, roles, ...more) {
  const address = `${login}@staff.example`;
  command(amends, 'staff', 'add', login, `--email=${address}`, ...roles.map((role) => `--role=${role}`), ...more);
  return linkTo(mails, address);
}

// The path of the newest link to choose a password that was mailed to the address, once there are n.
function linkTo(mails, address, n = 1) {
  return waitUntil(`link ${n} to ${address}`, () => {
    const links = mails.mails().filter((mail) => mail.to === address).map((mail) => mailBodies(mail.data)['text/plain'].match(/https?:\/\/[^\s>]+(\/staff\/welcome\/[\w.-]+)/)).filter(Boolean);
    return links.length >= n && links[n - 1][1];
  });
}

// A key of the person, as of `amends key create --owner LOGIN`, without its mail: an approver's
// approves.
function keyOf(amends, login, ...scopes) {
  const { id, key } = JSON.parse(command(amends, 'key', 'create', '--output=json', '--name', `of ${login}`, ...scopes.map((scope) => `--scope=${scope}`)));
  sql(amends, `update api_key set staff_id = (select id from staff where login = '${login}') where id = ${id}`);
  return key;
}

// The key of a second person, who approves what the admin key drafts.
function approver(amends, ...scopes) {
  person(amends, 'second', ['approver']);
  return keyOf(amends, 'second', 'credit-runs:approve', 'credit-runs:read', ...scopes);
}

class Desk {
  constructor(amends) {
    this.amends = amends;
    this.cookie = '';
    this.csrf = '';
  }

  // A new person with these roles, signed in.
  static async enter(amends, login, roles, more = {}) {
    const desk = new Desk(amends);
    person(amends, login, roles, more);
    const reply = await desk.send('/staff/login', { login, password: PASSWORD });
    if (reply.status !== 303) throw new Error(`${login} is not let in: ${reply.status} ${reply.text.slice(0, 300)}`);
    await desk.get('/staff');
    return desk;
  }

  keep(reply) {
    const cookie = reply.headers.get('set-cookie');
    if (cookie) this.cookie = cookie.split(';')[0];
    const csrf = reply.text.match(/name="csrf" value="([^"]+)"/);
    if (csrf) [, this.csrf] = csrf;
    return reply;
  }

  async get(target, headers = {}) {
    return this.keep(await this.amends.request('GET', target, undefined, { key: null, headers: { cookie: this.cookie, ...headers } }));
  }

  // A form of the console; fields may be arrays.
  async send(target, fields = {}, headers = {}) {
    const body = new URLSearchParams({ csrf: this.csrf });
    for (const [name, value] of Object.entries(fields)) {
      body.delete(name);
      for (const one of [value].flat()) body.append(name, one);
    }
    return this.post(target, body.toString(), { ...FORM, ...headers });
  }

  // A form with a file in it, as browsers send it; text '': no file was chosen.
  async upload(target, text, fields = {}, name = text ? 'people.csv' : '') {
    const edge = '----------------FormOfATest';
    const parts = Object.entries({ csrf: this.csrf, ...fields }).map(([field, value]) => `--${edge}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`);
    const file = `--${edge}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n${text}\r\n`;
    return this.post(target, `${parts.join('')}${file}--${edge}--\r\n`, { 'content-type': `multipart/form-data; boundary=${edge}` });
  }

  async post(target, body, headers) {
    return this.keep(await this.amends.request('POST', target, body, {
      key: null, headers: { origin: this.amends.url, cookie: this.cookie, ...headers },
    }));
  }
}

module.exports = { Desk, PASSWORD, approver, command, invited, keyOf, linkTo, person };

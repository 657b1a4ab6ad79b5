'use strict';
// A person at the staff console, without a browser.
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { AMENDS } = require('./amends.js');

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PASSWORD = 'correct horse battery';

// `amends staff add`: the path of the link to choose a password.
function add(amends, login, roles, ...more) {
  const url = execFileSync(AMENDS, ['staff', 'add', login, '--data', path.join(amends.dir, 'var'), ...roles.map((role) => `--role=${role}`), ...more], {
    encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
  }).trim();
  return new URL(url).pathname;
}

class Desk {
  constructor(amends) {
    this.amends = amends;
    this.cookie = '';
    this.csrf = '';
  }

  // A new person with these roles, signed in.
  static async enter(amends, login, roles) {
    const desk = new Desk(amends);
    const reply = await desk.send(add(amends, login, roles), { password: PASSWORD });
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

module.exports = { Desk, PASSWORD, add };

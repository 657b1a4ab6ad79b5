'use strict';
// A private real Postfix on a high loopback port: private directories, STARTTLS with a certificate
// made for it, AUTH checked by a few lines that speak Dovecot's protocol. Mail for @kept.example
// goes to a sink of ours, everything else is discarded. Needs root.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { exited, waitUntil } = require('./amends.js');

const SBIN = '/usr/lib/postfix/sbin';
const USER = 'amends';
const PASSWORD = 'let me in';

// The reason why it cannot run here, or null.
function missing() {
  if (process.getuid() !== 0) return 'Postfix is started by root only';
  if (!fs.existsSync(`${SBIN}/master`)) return 'Postfix is not installed';
  if (spawnSync('openssl', ['version']).status !== 0) return 'openssl is not installed';
  return null;
}

const listening = (server) => new Promise((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(server.address().port));
});

async function freePort() {
  const server = net.createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Dovecot's authentication protocol, version 1: PLAIN and one user.
function dovecotAuth() {
  return net.createServer((socket) => {
    let rest = '';
    socket.write('VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00\nDONE\n');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const fields = line.split('\t');
        const initial = fields.find((field) => field.startsWith('resp='));
        const response = fields[0] === 'CONT' ? fields[2] : initial && initial.slice(5);
        if (fields[0] === 'AUTH' && !response) socket.write(`CONT\t${fields[1]}\t\n`);
        if (!response) continue;
        const said = Buffer.from(response, 'base64').toString();
        const good = said === `\0${USER}\0${PASSWORD}`;
        socket.write(good ? `OK\t${fields[1]}\tuser=${USER}\n` : `FAIL\t${fields[1]}\tuser=${USER}\n`);
      }
    });
  });
}

function certificate(dir) {
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=relay',
    '-addext', 'subjectAltName=IP:127.0.0.1,DNS:relay.amends.test', '-keyout', `${dir}/relay.key`, '-out', `${dir}/relay.pem`]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
}

class Postfix {
  // settings: lines of main.cf; kept: port of the sink for @kept.example; services: more lines of master.cf.
  static async start(base, { settings = {}, kept = 0, tls = true, services = [] } = {}) {
    const postfix = new Postfix();
    // So that an interrupted scenario takes Postfix with it (run()).
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
    const dir = path.join(base, 'postfix');
    Object.assign(postfix, { dir, tls, port: await freePort(), auth: dovecotAuth(), log: `${dir}/log` });
    for (const part of ['', '/etc', '/queue', '/data']) fs.mkdirSync(dir + part, { mode: 0o755 });
    spawnSync('chown', ['postfix', `${dir}/data`]);
    certificate(dir);
    postfix.ca = `${dir}/relay.pem`;
    postfix.authPort = await listening(postfix.auth);
    postfix.settings = settings;
    postfix.kept = kept;
    postfix.services = services;
    postfix.configure(settings);
    spawnSync('/usr/sbin/postfix', ['-c', `${dir}/etc`, 'check']);
    await postfix.run();
    return postfix;
  }

  get url() {
    const user = this.tls ? `${USER}:${encodeURIComponent(PASSWORD)}@` : '';
    return `smtp://${user}127.0.0.1:${this.port}`;
  }

  configure(settings) {
    const { dir } = this;
    const main = {
      compatibility_level: '3.6', queue_directory: `${dir}/queue`, data_directory: `${dir}/data`, daemon_directory: SBIN,
      command_directory: '/usr/sbin', mail_owner: 'postfix', setgid_group: 'postdrop', maillog_file: this.log,
      maillog_file_prefixes: dir, myhostname: 'relay.example', mydestination: '', mynetworks: '127.0.0.0/8',
      inet_interfaces: '127.0.0.1', inet_protocols: 'ipv4', alias_maps: '', alias_database: '', default_transport: 'discard',
      relay_transport: 'discard', transport_maps: `inline:{ {kept.example=smtp:[127.0.0.1]:${this.kept || 9}} }`,
      smtpd_peername_lookup: 'no', smtp_tls_security_level: 'none', notify_classes: '', smtpd_delay_reject: 'no',
      smtpd_recipient_restrictions: this.tls ? 'permit_sasl_authenticated, reject' : 'permit_mynetworks, reject',
      smtpd_relay_restrictions: '', smtpd_tls_security_level: this.tls ? 'encrypt' : 'none',
      smtpd_tls_chain_files: `${dir}/relay.key, ${dir}/relay.pem`, smtpd_sasl_auth_enable: this.tls ? 'yes' : 'no',
      smtpd_sasl_type: 'dovecot', smtpd_sasl_path: `inet:127.0.0.1:${this.authPort}`, ...settings,
    };
    fs.writeFileSync(`${dir}/etc/main.cf`, Object.entries(main).map(([name, value]) => `${name} = ${value}\n`).join(''));
    const services = [
      `127.0.0.1:${this.port} inet n - n - - smtpd`, 'cleanup unix n - n - 0 cleanup', 'qmgr unix n - n 300 1 qmgr',
      'tlsmgr unix - - n 1000? 1 tlsmgr', 'rewrite unix - - n - - trivial-rewrite', 'bounce unix - - n - 0 bounce',
      'defer unix - - n - 0 bounce', 'trace unix - - n - 0 bounce', 'smtp unix - - n - - smtp',
      'error unix - - n - - error', 'retry unix - - n - - error', 'discard unix - - n - - discard',
      'anvil unix - - n - 1 anvil', 'scache unix - - n - 1 scache', 'postlog unix-dgram n - n - 1 postlogd',
      'proxymap unix - - n - - proxymap', 'showq unix n - n - - showq', ...this.services,
    ];
    fs.writeFileSync(`${dir}/etc/master.cf`, `${services.join('\n')}\n`);
  }

  async run() {
    this.master = spawn(`${SBIN}/master`, ['-c', `${this.dir}/etc`, '-s'], {
      env: { ...process.env, MAIL_CONFIG: `${this.dir}/etc`, MAIL_LOGTAG: 'postfix' }, stdio: 'ignore', detached: true,
    });
    const { master } = this;
    process.once('exit', () => Postfix.end(master));
    await waitUntil('Postfix listens', () => new Promise((resolve) => {
      const socket = net.connect(this.port, '127.0.0.1');
      socket.on('data', () => { socket.end('QUIT\r\n'); resolve(true); });
      socket.on('error', () => resolve(false));
    }), 10000);
  }

  // The master's group: on SIGTERM to the master only, it waits for its children for seconds.
  static end(master) {
    if (master.exitCode === null && master.signalCode === null) process.kill(-master.pid, 'SIGKILL');
  }

  async halt() {
    Postfix.end(this.master);
    await exited(this.master);
  }

  async restart(settings, pause = 0) {
    await this.halt();
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (settings) this.configure(settings);
    await this.run();
  }

  async stop() {
    await this.halt();
    this.auth.close();
  }

  lines() {
    return fs.existsSync(this.log) ? fs.readFileSync(this.log, 'utf8').split('\n') : [];
  }

  // Recipients that Postfix discarded, once for each mail.
  discarded() {
    return this.lines().map((line) => (/postfix\/discard\[.*to=<([^>]+)>.*status=sent/.exec(line) || [])[1]).filter(Boolean);
  }

  // Commands per session, from their last lines: {bdat: 12, data: 0, ...}.
  commands() {
    const sums = {};
    for (const line of this.lines()) {
      if (!/smtpd\[\d+\]: disconnect from/.test(line)) continue;
      for (const [, verb, n] of line.matchAll(/ (\w+)=(\d+)/g)) sums[verb] = (sums[verb] || 0) + Number(n);
    }
    return sums;
  }
}

module.exports = { Postfix, missing };

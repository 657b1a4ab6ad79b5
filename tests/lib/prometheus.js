'use strict';
// A real Prometheus that watches a target of this process, and the real Alertmanager, with the
// samples of deploy/; both of Debian. Addresses, the token's place and intervals are ours.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { ROOT, exited, waitUntil } = require('./amends.js');
const { freePort } = require('./patroni.js');

const INTERVAL_MS = 1000; // of scrapes, and of evaluations

// The reason why this cannot run here, or null.
function missing() {
  const none = ['prometheus', 'prometheus-alertmanager', 'amtool'].filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return none.length ? `${none.join(', ')} not installed` : null;
}

// A service that can fail: {port, fails}.
function target(cleanup) {
  return new Promise((resolve) => {
    const service = { fails: false };
    const server = http.createServer((request, response) => response.writeHead(service.fails ? 500 : 200).end('requests_total 1\n'));
    server.listen(0, '127.0.0.1', () => { service.port = server.address().port; resolve(service); });
    cleanup(() => { server.closeAllConnections(); server.close(); });
  });
}

class Prometheus {
  // url, secret: of the source in Amends; labels: of the target.
  static async start(dir, cleanup, { url, secret, labels }) {
    const self = new Prometheus();
    self.dir = dir;
    self.service = await target(cleanup);
    self.port = await freePort();
    const alertmanager = await freePort();
    const sample = (name) => fs.readFileSync(path.join(ROOT, 'deploy', name), 'utf8');
    const write = (name, text) => { fs.writeFileSync(path.join(dir, name), text); return path.join(dir, name); };
    const token = write('amends.token', secret);
    const config = write('alertmanager.yml', sample('alertmanager/amends.yml').replace(/https:\S+/, url).replace('/etc/alertmanager/amends.token', token)
      .replace('group_wait: 10s', 'group_wait: 0s').replace('group_interval: 1m', 'group_interval: 1s'));
    write('services.rules.yml', sample('prometheus/services.rules.yml'));
    const scrapes = write('prometheus.yml', JSON.stringify({ // JSON is YAML
      global: { scrape_interval: `${INTERVAL_MS}ms`, evaluation_interval: `${INTERVAL_MS}ms` },
      rule_files: ['services.rules.yml'],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanager}`] }] }] },
      scrape_configs: [{ job_name: 'service', static_configs: [{ targets: [`127.0.0.1:${self.service.port}`], labels }] }],
    }));
    self.run(cleanup, 'prometheus-alertmanager', `--config.file=${config}`, `--storage.path=${dir}/alertmanager`, `--web.listen-address=127.0.0.1:${alertmanager}`, '--cluster.listen-address=');
    self.run(cleanup, 'prometheus', `--config.file=${scrapes}`, `--storage.tsdb.path=${dir}/tsdb`, `--web.listen-address=127.0.0.1:${self.port}`);
    for (const port of [alertmanager, self.port]) await waitUntil('it is ready', async () => (await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => ({}))).ok);
    return self;
  }

  run(cleanup, program, ...args) {
    const log = fs.openSync(path.join(this.dir, `${program}.log`), 'a');
    const child = spawn(program, args, { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    cleanup(() => { child.kill('SIGTERM'); return exited(child); });
  }

  // The one series that an expression selects, [[milliseconds, value]].
  async ask(api, parameters) {
    const reply = await (await fetch(`http://127.0.0.1:${this.port}/api/v1/${api}?${new URLSearchParams(parameters)}`)).json();
    const [series] = reply.data.result;
    return series ? series.values.map(([at, value]) => [Math.round(at * 1000), Number(value)]) : [];
  }

  // By query_range, at steps of a tenth of the interval.
  range(query, from, to) {
    return this.ask('query_range', { query, start: from / 1000, end: to / 1000, step: INTERVAL_MS / 10000 });
  }

  // The samples themselves.
  samples(query) {
    return this.ask('query', { query: `${query}[1h]` });
  }
}

module.exports = { Prometheus, missing, INTERVAL_MS };

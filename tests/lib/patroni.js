'use strict';
// Two PostgreSQL nodes under Patroni with synchronous replication, and etcd, which decides who
// leads: all on loopback, with data in one directory, as another user than root.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { exited, waitUntil } = require('./amends.js');

const TTL_SECONDS = 20; // Patroni's minimum

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const program = (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

// The reason why this cannot run here, or null.
function missing() {
  const names = ['patroni', 'etcd'].filter((name) => !program(name));
  return names.length ? `${names.join(' and ')} not installed: deploy/deps.sh failover` : null;
}

// PostgreSQL's programs and the user that runs them.
function owner() {
  const bin = fs.readdirSync('/usr/lib/postgresql').sort((a, b) => b - a)[0];
  const id = (flag) => Number(spawnSync('id', [flag, ...(process.getuid() === 0 ? ['postgres'] : [])], { encoding: 'utf8' }).stdout);
  return { bin: `/usr/lib/postgresql/${bin}/bin`, uid: id('-u'), gid: id('-g') };
}

function configuration(cluster, node) {
  const login = (username) => ({ username, password: 'on loopback alone' });
  return {
    scope: 'amends',
    name: node.name,
    restapi: { listen: `127.0.0.1:${node.rest}`, connect_address: `127.0.0.1:${node.rest}` },
    etcd3: { host: `127.0.0.1:${cluster.etcdPort}` },
    bootstrap: {
      dcs: {
        ttl: TTL_SECONDS, loop_wait: 2, retry_timeout: 5, synchronous_mode: true, maximum_lag_on_failover: 0,
        postgresql: { use_pg_rewind: true, use_slots: true, parameters: { max_connections: 100, wal_log_hints: 'on', wal_keep_size: '256MB' } },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
    },
    postgresql: {
      listen: `127.0.0.1:${node.port}`,
      connect_address: `127.0.0.1:${node.port}`,
      data_dir: node.data,
      bin_dir: cluster.owner.bin,
      pgpass: path.join(cluster.dir, `${node.name}.pgpass`),
      pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
      parameters: { unix_socket_directories: cluster.dir },
      authentication: { superuser: login('postgres'), replication: login('replicator'), rewind: login('rewinder') },
    },
  };
}

class Patroni {
  static async start(dir, cleanup) {
    const cluster = new Patroni();
    Object.assign(cluster, { dir, owner: owner(), nodes: [] });
    fs.chownSync(dir, cluster.owner.uid, cluster.owner.gid);
    cleanup(() => cluster.stop());
    await cluster.startEtcd();
    for (const name of ['one', 'two']) {
      const node = { name, port: await freePort(), rest: await freePort(), data: path.join(dir, name) };
      node.file = path.join(dir, `${name}.yml`);
      fs.writeFileSync(node.file, JSON.stringify(configuration(cluster, node))); // JSON is YAML
      cluster.nodes.push(node);
      cluster.startNode(node);
      await cluster.leader();
    }
    await cluster.whole();
    return cluster;
  }

  spawn(name, file, args) {
    const log = fs.openSync(path.join(this.dir, `${name}.log`), 'a');
    const child = spawn(file, args, {
      uid: this.owner.uid, gid: this.owner.gid, cwd: this.dir, stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH, HOME: this.dir, LC_ALL: 'C.UTF-8' },
    });
    fs.closeSync(log);
    return child;
  }

  async startEtcd() {
    this.etcdPort = await freePort();
    const client = `http://127.0.0.1:${this.etcdPort}`;
    const peer = `http://127.0.0.1:${await freePort()}`;
    this.etcd = this.spawn('etcd', 'etcd', ['--name', 'dcs', '--data-dir', path.join(this.dir, 'etcd'),
      '--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer,
      '--initial-advertise-peer-urls', peer, '--initial-cluster', `dcs=${peer}`, '--unsafe-no-fsync']);
    await waitUntil('etcd', async () => (await fetch(`${client}/health`).catch(() => ({}))).ok);
  }

  startNode(node) {
    node.child = this.spawn(node.name, 'patroni', [node.file]);
  }

  // The running members, according to one of them.
  async members() {
    for (const node of this.nodes) {
      const reply = await fetch(`http://127.0.0.1:${node.rest}/cluster`).catch(() => null);
      if (reply && reply.ok) return (await reply.json()).members;
    }
    return [];
  }

  leader(milliseconds = 120000) {
    return waitUntil('a leader', async () => {
      for (const node of this.nodes) {
        const reply = await fetch(`http://127.0.0.1:${node.rest}/primary`).catch(() => null);
        if (reply && reply.ok) return node;
      }
      return null;
    }, milliseconds);
  }

  // A leader and a standby that confirms each commit.
  whole() {
    return waitUntil('a synchronous standby', async () => {
      const leader = await this.leader();
      return this.query(leader, `select 1 from pg_stat_replication where sync_state = 'sync'`, 'postgres').length === 1;
    }, 120000);
  }

  query(node, text, database = 'amends') {
    const done = spawnSync('psql', ['-h', '127.0.0.1', '-p', node.port, '-U', 'postgres', '-d', database, '-XAtq', '-F', '|', '-c', text]);
    if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
    return done.stdout.toString().split('\n').filter(Boolean).map((line) => line.split('|'));
  }

  // Patroni, the server and all its backends, without any notice.
  async kill(node) {
    const server = Number(fs.readFileSync(path.join(node.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const backends = spawnSync('ps', ['-o', 'pid=', '--ppid', String(server)], { encoding: 'utf8' }).stdout.split('\n').map(Number).filter(Boolean);
    node.child.kill('SIGKILL');
    for (const pid of [server, ...backends]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended with the others.
      }
    }
    await exited(node.child);
  }

  // One URL for both: libpq takes the writable node.
  url(database = 'amends') {
    return `postgresql://postgres@${this.nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}/${database}?target_session_attrs=read-write`;
  }

  async stop() {
    for (const node of this.nodes) {
      node.child.kill('SIGTERM');
      await exited(node.child);
      // One whose Patroni was killed.
      spawnSync('setpriv', ['--reuid', String(this.owner.uid), '--regid', String(this.owner.gid), '--clear-groups',
        `${this.owner.bin}/pg_ctl`, '-D', node.data, '-m', 'immediate', 'stop'], { cwd: this.dir });
    }
    this.etcd.kill('SIGKILL');
    await exited(this.etcd);
  }
}

module.exports = { Patroni, missing, freePort, owner };

'use strict';
// A host that can vanish: a network namespace of its own behind a pair of virtual interfaces, at an
// address of 127.0.0.0/8, so that neither TLS nor public addresses are required. While it is gone,
// packets are lost silently, as when a machine loses power. Needs a network namespace
// around the scenario, too: inNamespace().
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { HttpSink } = require('./sinks.js');
const { exited, waitForLine } = require('./amends.js');

const ADDRESS = '127.0.9.1';
const MACS = ['02:00:00:00:00:01', '02:00:00:00:00:02']; // ours, its

function run(...argv) {
  const done = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${argv.join(' ')}: ${done.stderr || done.error}`);
}

// Runs the script again with its own `lo`; returns true there, and elsewhere does not return.
function inNamespace(script) {
  if (process.env.FAR_HOST) return true;
  const missing = process.getuid() !== 0 ? 'network namespaces need root' : spawnSync('ip', ['-V']).status !== 0 ? 'ip is not installed' : null;
  if (missing) {
    process.stdout.write(`1..0 # SKIP ${missing}\n`);
    process.exit(0);
  }
  const again = spawnSync('unshare', ['-n', process.execPath, script], { stdio: 'inherit', env: { ...process.env, FAR_HOST: '1' } });
  process.exit(again.status === null ? 1 : again.status);
}

class FarHost {
  static async start(cleanup) {
    const host = new FarHost();
    run('ip', 'link', 'set', 'lo', 'up');
    // It holds the namespace, and ends when we do.
    host.holder = spawn('unshare', ['-n', 'sh', '-c', 'echo ready; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    cleanup(() => {
      host.holder.kill();
      return exited(host.holder);
    });
    await waitForLine(host.holder, /^(ready)$/m, 60000);
    host.address = ADDRESS;
    host.within = ['nsenter', '-t', String(host.holder.pid), '-n']; // prefix of a command
    run('ip', 'link', 'add', 'near', 'address', MACS[0], 'type', 'veth', 'peer', 'name', 'far', 'address', MACS[1]);
    run('ip', 'link', 'set', 'far', 'netns', String(host.holder.pid));
    fs.writeFileSync('/proc/sys/net/ipv4/conf/near/route_localnet', '1');
    run('ip', 'link', 'set', 'near', 'up');
    host.sh(`echo 1 > /proc/sys/net/ipv4/conf/far/route_localnet; ip address add ${ADDRESS}/32 dev far`);
    host.back();
    // Permanent neighbour entries: packets to a vanished host are lost without an error.
    run('ip', 'route', 'add', 'table', 'local', 'unicast', ADDRESS, 'dev', 'near', 'src', '127.0.0.1');
    run('ip', 'neighbour', 'add', ADDRESS, 'lladdr', MACS[1], 'dev', 'near', 'nud', 'permanent');
    return host;
  }

  sh(script) {
    run(...this.within, 'sh', '-ec', script);
  }

  vanish() {
    this.sh('ip link set far down');
  }

  back() {
    this.sh(`ip link set far up
      ip route replace 127.0.0.1 dev far
      ip neighbour replace 127.0.0.1 lladdr ${MACS[0]} dev far nud permanent`);
  }
}

// An HTTP sink in its own process, which its caller cannot block; returns {url, requests()}: {path,
// id} each. file: stores them; host: a FarHost, or this one.
async function hookSink(file, cleanup, { address, within } = { address: '127.0.0.1', within: [] }) {
  fs.writeFileSync(file, '');
  const argv = [...within, process.execPath, __filename, address, file];
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanup(() => {
    child.kill();
    return exited(child);
  });
  const port = await waitForLine(child, /^ready (\d+)$/m, 60000);
  const requests = () => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return { url: `http://${address}:${port}`, requests };
}

async function serve(address, file) {
  const sink = await HttpSink.start(address);
  sink.answer = ({ path, headers }) => {
    fs.appendFileSync(file, `${JSON.stringify({ path, id: headers['webhook-id'] })}\n`);
    return { status: 204, delay: 300 };
  };
  console.log(`ready ${new URL(sink.url).port}`);
}

if (require.main === module) serve(process.argv[2], process.argv[3]);

module.exports = { FarHost, hookSink, inNamespace };

'use strict';
// deploy/container/Containerfile built by buildah in its own store, without a registry:
// its Debian is a root made by debootstrap.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./amends.js');

const DEBIAN = 'docker.io/library/debian:12-slim';
// This machine's certificates and resolver, since npm may be behind a local proxy.
const OF_THIS_MACHINE = ['/usr/local/share/ca-certificates', '/etc/resolv.conf'];

// The reason why this cannot run here, or null.
function missing() {
  if (process.getuid() !== 0) return 'root is needed for a root of its own';
  const names = ['buildah', 'debootstrap'].filter((name) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin; command -v ${name}`]).status !== 0);
  return names.length ? `${names.join(' and ')} not installed: deploy/deps.sh deploy` : null;
}

function run(name, args, options = {}) {
  const done = spawnSync(name, args, { encoding: 'utf8', maxBuffer: 1 << 28, cwd: ROOT, ...options });
  if (done.status !== 0) {
    throw new Error(`${name} ${args.join(' ')}: ${done.status} ${`${done.stdout}${done.stderr}`.slice(-3000)}`);
  }
  return done.stdout.trim();
}

class Image {
  constructor(dir) {
    this.dir = dir;
    this.policy = path.join(dir, 'policy.json');
    fs.writeFileSync(this.policy, '{"default": [{"type": "insecureAcceptAnything"}]}');
  }

  buildah(...args) {
    const store = ['--root', path.join(this.dir, 'store'), '--runroot', path.join(this.dir, 'running'), '--storage-driver', 'vfs'];
    return run('buildah', [...store, ...args]);
  }

  // AMENDS_FRESH_BASE: a root that debootstrap --variant=minbase made, to copy instead of making one.
  makeDebian() {
    const from = this.buildah('from', 'scratch');
    const root = this.buildah('mount', from);
    if (process.env.AMENDS_FRESH_BASE) run('cp', ['-a', `${process.env.AMENDS_FRESH_BASE}/.`, root]);
    else run('debootstrap', ['--variant=minbase', 'bookworm', root]);
    for (const name of OF_THIS_MACHINE.filter((one) => fs.existsSync(one))) {
      fs.cpSync(name, path.join(root, name), { recursive: true, dereference: true });
    }
    this.buildah('commit', '--quiet', '--rm', '--signature-policy', this.policy, from, DEBIAN);
  }

  // Builds; this.root is then the root of a container, this.config its settings.
  build() {
    this.buildah('build', '--isolation', 'chroot', '--pull-never', '--format', 'docker', '--signature-policy', this.policy,
      '--file', 'deploy/container/Containerfile', '--tag', 'amends', '.');
    this.config = JSON.parse(this.buildah('inspect', '--type', 'image', 'amends')).Docker.config;
    this.container = this.buildah('from', '--pull-never', '--signature-policy', this.policy, 'amends');
    this.root = this.buildah('mount', this.container);
  }

  destroy() {
    this.buildah('rm', '--all');
    this.buildah('rmi', '--all', '--force');
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

module.exports = { Image, missing };

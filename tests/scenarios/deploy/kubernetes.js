#!/usr/bin/env node
'use strict';
// deploy/kubernetes by Kubernetes' own schemas (tests/lib/manifests.js), and checks that
// defects in it are detected.
const { spawnSync } = require('node:child_process');
const { AMENDS } = require('../../lib/amends.js');
const { load, built, schemaFaults, referenceFaults } = require('../../lib/manifests.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const environment = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };

function settings() {
  const { stdout } = spawnSync(AMENDS, ['config', 'print'], { encoding: 'utf8', env: environment });
  return [...stdout.matchAll(/^#(\w+) =/gm)].map((match) => match[1]);
}

const podOf = (document) => document.spec.template.spec;

// Defects of documents that a cluster would refuse.
const REFUSED = [
  ['a field that is none', 'Deployment', (one) => { podOf(one).containers[0].livenesProbe = {}; }],
  ['a field at the wrong depth', 'Deployment', (one) => { podOf(one).replicas = 2; }],
  ['text for a number', 'Deployment', (one) => { one.spec.replicas = 'two'; }],
  ['no selector', 'Deployment', (one) => { delete one.spec.selector; }],
  ['a container without a name', 'Job', (one) => { delete podOf(one).containers[0].name; }],
  ['a kind of another version', 'PodDisruptionBudget', (one) => { one.apiVersion = 'policy/v1beta7'; }],
  ['a port that is text', 'Service', (one) => { one.spec.ports[0].port = '80'; }],
  ['a path without a type', 'Ingress', (one) => { delete one.spec.rules[0].http.paths[0].pathType; }],
  ['a setting that is a number', 'ConfigMap', (one) => { one.data.AMENDS_BRAND = 1; }],
  ['a mode that is text', 'Job', (one) => { podOf(one).volumes[0].secret.defaultMode = '0440'; }],
];

// And defects that a cluster would accept but not honour.
const USELESS = [
  ['a budget of nobody', 'PodDisruptionBudget', (one) => { one.spec.selector.matchLabels['app.kubernetes.io/component'] = 'apis'; }],
  ['a secret of another name', 'Job', (one) => { podOf(one).volumes[0].secret.secretName = 'amends'; }],
  ['a probe of no port', 'Deployment', (one) => { podOf(one).containers[0].readinessProbe = { httpGet: { path: '/', port: 'web' } }; }],
  ['an ingress to nowhere', 'Ingress', (one) => { one.spec.rules[0].http.paths[0].backend.service.port.name = 'web'; }],
  ['a setting that is none', 'ConfigMap', (one) => { one.data.AMENDS_BRANDS = 'Example'; }],
  ['a container that may write', 'Deployment', (one) => { podOf(one).containers[0].securityContext.readOnlyRootFilesystem = false; }],
  ['services in the environment', 'Deployment', (one) => { delete podOf(one).enableServiceLinks; }],
];

function spoilt(kind, spoil) {
  const all = load();
  spoil(all.documents.find((document) => document.kind === kind));
  return all;
}

scenario(async () => {
  const known = settings();
  ok(known.includes('database_url'), `${known.length} settings`);
  const all = load();
  const made = built() || [];
  const broken = REFUSED.map(([, kind, spoil]) => spoilt(kind, spoil).documents.find((one) => one.kind === kind));
  // TypeScript is slow to start: all at once.
  const faults = schemaFaults([...all.documents, ...made, ...broken]);
  is(faults.splice(0, all.documents.length).filter(Boolean), [], `${all.documents.length} documents are what Kubernetes declares`);
  is(referenceFaults(all, known), [], 'and name what is there');
  if (made.length) is([faults.splice(0, made.length).filter(Boolean), made.filter((one) => one.kind !== 'Namespace' && one.metadata.namespace !== 'amends')], [[], []], 'so is what kustomize makes of them');
  else ok(true, 'so is what kustomize makes of them # SKIP kubectl is not installed');
  REFUSED.forEach(([what], i) => ok(faults[i] !== '', `${what} is refused`));
  for (const [what, kind, spoil] of USELESS) ok(referenceFaults(spoilt(kind, spoil), known).length > 0, `${what} is seen`);
  const unlisted = load();
  unlisted.files.push('more.yaml');
  is(referenceFaults(unlisted, known).length, 1, 'a file that kustomization.yaml does not list is seen');

  const env = { ...environment, AMENDS_API_SERVICE_HOST: '10.0.0.1', AMENDS_DATABASE_URL: 'host=127.0.0.1' };
  const pod = spawnSync(AMENDS, ['migrate', '--wait'], { encoding: 'utf8', env });
  is([pod.status, /api_service_host/.test(pod.stderr)], [78, true], 'for the executable takes no service for a setting');
});

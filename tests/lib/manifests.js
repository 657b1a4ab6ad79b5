'use strict';
// deploy/kubernetes without a cluster: Kubernetes' own schemas, as kubernetes-models makes them
// from its OpenAPI document, define values and required fields; TypeScript with the same package's
// declarations checks the names of fields at any depth. This file checks references.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');
const { ROOT } = require('./amends.js');

const TESTS = path.join(ROOT, 'tests');
const packages = createRequire(path.join(TESTS, 'package.json'));
const YAML = packages('yaml');
const ts = packages('typescript');
const DIRECTORY = path.join(ROOT, 'deploy/kubernetes');

const parse = (text) => YAML.parseAllDocuments(text).map((document) => {
  if (document.errors.length) throw document.errors[0];
  return document.toJS();
});

// {kustomization, files (names of the others), documents}
function load() {
  const files = fs.readdirSync(DIRECTORY).filter((name) => name !== 'kustomization.yaml');
  const read = (name) => parse(fs.readFileSync(path.join(DIRECTORY, name), 'utf8'));
  return { kustomization: read('kustomization.yaml')[0], files, documents: files.flatMap(read) };
}

// The documents that kustomize makes of them, with namespace and image; null without kubectl.
function built() {
  const done = spawnSync('kubectl', ['kustomize', DIRECTORY], { encoding: 'utf8' });
  if (done.error) return null;
  if (done.status !== 0) throw new Error(done.stderr);
  return parse(done.stdout);
}

function modelOf({ apiVersion, kind }) {
  try {
    return packages(`kubernetes-models/${apiVersion}`)[kind];
  } catch {
    return undefined;
  }
}

function schemaFault(document) {
  const Model = modelOf(document);
  if (!Model) return `Kubernetes has no ${document.kind} in ${document.apiVersion}`;
  try {
    new Model(document).validate();
    return null;
  } catch (error) {
    return error.message;
  }
}

// One constant per line, so that the line number identifies the document: [index, fault] each.
function typeFaults(documents) {
  const file = path.join(TESTS, 'manifests.ts');
  const type = (document) => (modelOf(document) ? `import('kubernetes-models/${document.apiVersion}').I${document.kind}` : 'unknown');
  const text = documents.map((document, i) => `export const d${i}: ${type(document)} = ${JSON.stringify(document)};`).join('\n');
  const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], moduleResolution: ts.ModuleResolutionKind.Node10, target: ts.ScriptTarget.ES2022 };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, ...rest) => (name === file ? ts.createSourceFile(name, text, options.target) : getSourceFile(name, ...rest));
  host.fileExists = (name) => name === file || fileExists(name);
  return ts.getPreEmitDiagnostics(ts.createProgram([file], options, host)).map((one) => [
    one.file.getLineAndCharacterOfPosition(one.start).line,
    ts.flattenDiagnosticMessageText(one.messageText, ' ').slice(0, 200),
  ]);
}

// Per document, its own errors as one text; none: ''.
function schemaFaults(documents) {
  const types = typeFaults(documents);
  return documents.map((document, i) => [schemaFault(document), ...types.filter(([of]) => of === i).map(([, fault]) => fault)].filter(Boolean).join('; '));
}

const templateOf = (document) => document.spec && document.spec.template;
const containersOf = (pod) => [...(pod.initContainers || []), ...pod.containers];
const holds = (labels, wanted) => Object.entries(wanted).every(([name, value]) => labels[name] === value);

// Violations by a pod of the restricted Pod Security Standard, which the namespace enforces, and of our
// own requirements.
function podFaults(pod, want) {
  const { runAsNonRoot, seccompProfile } = pod.securityContext || {};
  want(runAsNonRoot === true && seccompProfile && seccompProfile.type === 'RuntimeDefault', 'a pod that is not restricted');
  want(pod.automountServiceAccountToken === false, 'a token nobody needs');
  want(pod.enableServiceLinks === false, 'services in the environment, which are no settings');
  for (const container of containersOf(pod)) {
    const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext || {};
    want(allowPrivilegeEscalation === false && readOnlyRootFilesystem === true && capabilities && String(capabilities.drop) === 'ALL', `${container.name} is not confined`);
    const { requests = {}, limits = {} } = container.resources || {};
    want(requests.cpu && requests.memory && limits.memory, `${container.name} says not what it takes`);
  }
}

const find = (documents, kind, name) => documents.find((one) => one.kind === kind && one.metadata.name === name);

// Missing objects that a workload refers to.
function podReferences(document, { kustomization, documents }, want) {
  const { metadata, spec: pod } = templateOf(document);
  const ports = pod.containers.flatMap((container) => container.ports || []).map((port) => port.name);
  if (document.spec.selector) want(holds(metadata.labels, document.spec.selector.matchLabels), 'selects not its own pods');
  for (const { secret } of pod.volumes.filter((volume) => volume.secret)) want(find(documents, 'Secret', secret.secretName), `no secret ${secret.secretName}`);
  for (const container of containersOf(pod)) {
    want(kustomization.images.some((image) => image.name === container.image), `nothing renames the image ${container.image}`);
    for (const { configMapRef } of container.envFrom) want(find(documents, 'ConfigMap', configMapRef.name), `no settings ${configMapRef.name}`);
    for (const { name } of container.volumeMounts) want(pod.volumes.some((volume) => volume.name === name), `no volume ${name}`);
    for (const probe of [container.livenessProbe, container.readinessProbe].filter(Boolean)) want(ports.includes(probe.httpGet.port), `no port ${probe.httpGet.port} to probe`);
  }
}

function ingressReferences(document, { documents }, want) {
  for (const { backend: { service } } of document.spec.rules.flatMap((rule) => rule.http.paths)) {
    const found = find(documents, 'Service', service.name);
    want(found && found.spec.ports.some((port) => port.name === service.port.name), `no port ${service.port.name} of ${service.name}`);
  }
}

// Well-formed references to nothing. known: the settings of the executable.
function referenceFaults(all, known) {
  const faults = [];
  const labels = all.documents.filter(templateOf).map((document) => templateOf(document).metadata).filter(Boolean);
  for (const document of all.documents) {
    const want = (good, what) => good || faults.push(`${document.kind} ${document.metadata.name}: ${what}`);
    const settings = { ...document.data, ...document.stringData };
    if (templateOf(document)) {
      podFaults(templateOf(document).spec, want);
      podReferences(document, all, want);
    } else if (document.kind === 'Ingress') {
      ingressReferences(document, all, want);
    } else if (document.spec && document.spec.selector) {
      const selector = document.spec.selector.matchLabels || document.spec.selector;
      want(labels.some((one) => holds(one.labels, selector)), 'selects no pod');
    }
    for (const name of Object.keys(settings)) want(known.includes(name.replace(/^amends_/i, '').toLowerCase()), `no setting ${name}`);
  }
  if (String([...all.kustomization.resources].sort()) !== String([...all.files].sort())) faults.push('kustomization.yaml lists other files than there are');
  return faults;
}

module.exports = { load, built, schemaFaults, referenceFaults };

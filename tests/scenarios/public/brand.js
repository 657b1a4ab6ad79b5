#!/usr/bin/env node
'use strict';
// The brand of the public page: a draft that nobody sees until it is published, images that can only
// draw, colours with a contrast that can be read, links that no browser runs.
const zlib = require('node:zlib');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const anybody = { key: null };
const PLAIN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><title>Acme</title><path fill="#a11" d="M0 0h120v40H0z"/></svg>';
const svg = (inside, attributes = '') => `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inside}</svg>`;

const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([size, body, sum]);
};
function png(width, height, more = Buffer.alloc(0)) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8; // grey
  const pixels = zlib.deflateSync(Buffer.alloc(Math.min((width + 1) * height, 1e6)));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0)), more]);
}

async function put(amends, image, bytes, type = 'image/svg+xml') {
  const reply = await fetch(`${amends.url}/v1/brand/images/${image}`, {
    method: 'PUT', body: bytes, headers: { authorization: `Bearer ${amends.key}`, 'content-type': type },
  });
  return { status: reply.status, body: await reply.json() };
}
const home = async (amends, target = '/') => (await amends.request('GET', target, undefined, anybody)).text;

const REFUSED = [
  ['a script', svg('<script>alert(1)</script>'), /<script>/],
  ['a script of another case', svg('<SCRIPT>alert(1)</SCRIPT>'), /<SCRIPT>/],
  ['a script with a prefix', svg('<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>'), /<s:script>/],
  ['foreign content', svg('<foreignObject><p>x</p></foreignObject>'), /<foreignObject>/],
  ['an event handler', svg('<path d="M0 0"/>', 'onload="alert(1)"'), /event handler \(onload\)/],
  ['one without a space before it', svg('<path d="M0 0"onclick="alert(1)"/>'), /event handler \(onclick\)/],
  ['a link', svg('<a href="javascript:alert(1)"><path d="M0 0"/></a>'), /<a>/],
  ['use of another file', svg('<use xlink:href="https://evil.example/x.svg#a"/>'), /links to something outside/],
  ['a picture', svg('<image href="https://evil.example/x.png"/>'), /<image>/],
  ['an animation of a link', svg('<use href="#a"><set attributeName="href" to="data:x"/></use>'), /<set>/],
  ['a style sheet', svg('<style>@import "https://evil.example/x.css";</style>'), /loads something from outside/],
  ['one behind another element', svg('<style><g/>@import "https://evil.example/x.css";</style>'), /loads something from outside/],
  ['one in CDATA', svg('<style><![CDATA[@import "x"]]></style>'), /<>/],
  ['a picture as a fill', svg('<path d="M0 0" fill="URL (https://evil.example/x.png)"/>'), /loads something from outside/],
  ['a picture by an escape', svg('<path d="M0 0" style="fill:u\\72l(//evil.example)"/>'), /loads something from outside/],
  ['a DTD', `<!DOCTYPE svg [<!ENTITY x "y">]>${PLAIN}`, /<>/],
  ['an entity', svg('<title>&#x3c;</title>'), /entity/],
  ['a style sheet of XML', `<?xml-stylesheet href="x.css"?>${PLAIN}`, /<>/],
  ['HTML', `<html>${PLAIN}</html>`, /<html>/],
  ['another encoding', Buffer.from(`\ufeff${PLAIN}`, 'utf16le'), /PNG or an SVG/],
  ['too much', svg(`<path d="M0 0${' 1'.repeat(33000)}"/>`), /larger than 64 KiB/],
];

async function images(amends) {
  for (const [what, bytes, reason] of REFUSED) {
    const reply = await put(amends, 'logo', bytes);
    ok(reply.status === 422 && reason.test(reply.body.detail), `an SVG with ${what} is refused: ${reply.status} ${reply.body.detail}`);
  }
  is((await put(amends, 'logo', png(2, 2).subarray(0, 50))).status, 422, 'a PNG that is cut is refused');
  is((await put(amends, 'logo', png(2, 2, Buffer.from('<script>')))).status, 422, 'and one with something after it');
  is((await put(amends, 'logo', png(5000, 2))).status, 422, 'and one that is too wide');
  is((await put(amends, 'social_image', PLAIN)).status, 422, 'a social image must be a PNG');
  is((await put(amends, 'banner', PLAIN)).status, 404, 'there are four images');
  is((await put(amends, 'logo', PLAIN)).status, 200, 'a plain SVG is taken');
  is((await put(amends, 'logo_dark', svg('<defs><linearGradient id="a"><stop offset="0" stop-color="#fff"/></linearGradient></defs><path fill="url(#a)" d="M0 0h9v9z"/>'))).status, 200, 'also with a gradient of its own');
  is((await put(amends, 'favicon', png(32, 32), 'image/png')).status, 200, 'a PNG, too');
  const { body } = await put(amends, 'social_image', png(1200, 630), 'image/png');
  ok(/^\/brand\/svg\/[0-9a-f]{32}$/.test(body.logo) && /^\/brand\/png\//.test(body.social_image), 'each has its path');
  return body;
}

async function served(amends, brand) {
  for (const [target, type] of [[brand.logo, 'image/svg+xml'], [brand.favicon, 'image/png']]) {
    const reply = await amends.request('GET', target, undefined, anybody);
    is(reply.headers.get('content-type'), type, `${type} is served as such`);
    is(reply.headers.get('x-content-type-options'), 'nosniff', 'and as nothing else');
    ok(/^default-src 'none'.*sandbox/.test(reply.headers.get('content-security-policy')), 'and opened by itself runs nothing');
    const again = await amends.request('GET', target, undefined, { ...anybody, headers: { 'if-none-match': reply.headers.get('etag') } });
    is(again.status, 304, 'and not sent twice');
  }
  is((await amends.request('GET', brand.favicon.replace('png', 'svg'), undefined, anybody)).status, 404, 'a PNG is no SVG');
}

async function refusals(amends) {
  const why = async (body) => {
    const reply = await amends.request('PUT', '/v1/brand', body);
    return `${reply.status} ${(reply.body.errors || []).map((one) => `${one.field}: ${one.detail}`)} ${reply.body.detail}`;
  };
  const pale = await why({ accent: '#ffcc00' });
  ok(/^422 accent: #ffcc00 has a contrast of 1\.3\d:1 on the light page; text needs at least 4\.5:1/.test(pale), `a pale accent is refused with its ratio: ${pale}`);
  const deep = await why({ accent: '#3b4fd8', accent_dark: '#111111' });
  ok(/^422 accent_dark: #111111 has a contrast of 1\.\d\d:1 on the dark page/.test(deep), `and a dark one on the dark page: ${deep}`);
  ok(/^422 accent: must be a colour/.test(await why({ accent: 'red;}' })), 'a colour is #rrggbb');
  for (const url of ['javascript:alert(1)', 'http://a.example', '//a.example', 'https://', 'https://a.example/"x', 'data:text/html,x', 'mailto:nobody']) {
    ok(/^422 support_url/.test(await why({ support_url: url })), `no link to ${url}`);
  }
  ok(/^422 footer_links/.test(await why({ footer_links: [{ label: 'x', url: 'javascript:x' }] })), 'nor in the foot');
  for (const [what, css, reason] of REFUSED_CSS) {
    const said = await why({ custom_css: css });
    ok(/^422 custom_css: /.test(said) && reason.test(said.slice('422 custom_css: '.length)), `no CSS with ${what}: ${said.slice(0, 120)}`);
  }
  is((await amends.request('PUT', '/v1/brand', { accent: '#000000' }, { key: 'nobody' })).status, 401, 'a key is needed');
}

const CSS = '/* ours; it\'s (fine */\n@media (prefers-color-scheme: dark) { main > h1:not(.x)::before { content: "{"; color: rgb(1 2 3 / 50%) } }\r\n:root { --round: calc(2 * var(--s1)); }\n';
const REFUSED_CSS = [
  ['a file of others', 'a { color: red }\nb { background: url(https://evil.example/x) }', /^line 2: url\(\) is not allowed/],
  ['one in capitals', 'b { background: URL("x") }', /^line 1: url\(\)/],
  ['one by an escape', 'b { background: u\\72l(x) }', /^line 1: \\ is not allowed/],
  ['one by an escape in a string', 'b { content: "\\"; background: url(x); "" }', /^line 1: \\ is not allowed/],
  ['one behind a string that a carriage return ends', 'b { content: "\r; background: url(x); " }', /string is not closed/],
  ['one behind a form feed', 'b { content: "\f; background: url(x); " }', /control character/],
  ['a set of images', 'b { background: -webkit-image-set("x" 1x) }', /-webkit-image-set\(\)/],
  ['another sheet', '@import "https://evil.example/x.css";', /^line 1: @import is not allowed/],
  ['one of another case', '\n@IMPORT "x";', /^line 2: @import/],
  ['a font', '@font-face { src: "x" }', /@font-face/],
  ['a name space', '@namespace "x";', /@namespace/],
  ['an unknown function', 'b { width: expression(alert(1)) }', /expression\(\)/],
  ['an open bracket', '\n\na { b: c', /^line 3: the bracket is not closed/],
  ['a bracket too many', 'a { } }', /closes nothing/],
  ['an open comment', 'a { } /* b', /the comment is not closed/],
  ['too much', 'a{}'.repeat(11000), /longer than 32768/],
];

const LOOK = {
  accent: '#9b1c31', custom_css: CSS, support_url: 'mailto:help@acme.example',
  header_links: [{ label: 'Docs <1>', url: 'https://docs.acme.example/?a=1&b=2' }],
  footer_links: [{ label: 'Imprint', url: 'https://acme.example/imprint' }],
};

async function drafts(amends, desk) {
  const before = await home(amends);
  const brand = await amends.call('PUT', '/v1/brand', LOOK);
  ok(brand.logo && !brand.is_published, 'images stay when the links are replaced');
  const preview = await desk.get('/staff/brand/preview');
  ok(preview.text.includes(brand.logo) && preview.text.includes('Docs &lt;1&gt;'), 'the preview shows the draft');
  ok(/frame-ancestors 'self'$/.test(preview.headers.get('content-security-policy')), 'in a frame of ours');
  ok(/--accent:#9b1c31/.test((await desk.get('/staff/brand/preview.css')).text), 'with its colour');
  is((await amends.request('GET', '/staff/brand/preview', undefined, anybody)).status, 303, 'to staff');
  const stable = (text) => text.replace(/20\d\d-\d\d-\d\d[T ][^<"]*/g, '');
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
  await waitUntil('the page is rendered again', async () => /Web/.test(await home(amends)));
  ok(!(await home(amends)).includes(brand.logo) && !/Web/.test(stable(before)), 'the page does not');
  is((await home(amends, '/brand.css')), '', 'nor its colour');
}

async function published(amends) {
  const brand = await amends.call('POST', '/v1/brand/publish');
  ok(brand.is_published && brand.published_at, 'published');
  await waitUntil('the page shows the logo', async () => (await home(amends)).includes(brand.logo));
  const page = await home(amends);
  ok(page.includes(`<source srcset="${brand.logo_dark}" media="(prefers-color-scheme: dark)"><img src="${brand.logo}" alt="`), 'with one for dark pages, and the name for those who see none');
  ok(page.includes(`<link rel="icon" href="${brand.favicon}" type="image/png">`), 'the icon');
  ok(page.includes('<a href="https://docs.acme.example/?a=1&amp;b=2">Docs &lt;1&gt;</a>'), 'the links, escaped');
  ok(page.includes('<a href="mailto:help@acme.example">Support</a>') && page.includes('>Imprint</a>'), 'those of the foot');
  ok(/<meta property="og:title" content="[^"]+">\s*<meta property="og:description" content="All systems operational">/.test(page), 'a shared link says the status');
  ok(page.includes(`<meta property="og:image" content="${amends.url}${brand.social_image}">`), 'with the picture');
  const css = await amends.request('GET', '/brand.css', undefined, anybody);
  ok(/^:root\{--accent:#9b1c31;--accent-over:#[0-9a-f]{6};--on-accent:#fff;--link:#9b1c31\}\n@media \(prefers-color-scheme:dark\)\{:root\{--accent:#[0-9a-f]{6}/.test(css.text), `the colour: ${css.text}`);
  ok(css.text.endsWith(`}\n${CSS}`), 'then the rules of the company');
  ok(css.headers.get('etag') && css.headers.get('content-type').startsWith('text/css'), 'as a style sheet that is kept');
  ok(page.includes('href="/brand.css"') && (await home(amends, '/subscribe')).includes(brand.logo), 'every page of readers has it');
  ok(await waitUntil('the summary has it', async () => (await home(amends, '/embed')).includes('/brand.css')), 'and the summary');
  await amends.call('POST', '/v1/incidents', { ref: 'down', title: 'Down', kind: 'incident', state: 'investigating', body: 'x', notify: false, components: [{ component: 'web', level: 'major_outage' }] });
  await waitUntil('the description follows', async () => !(await home(amends)).includes('content="All systems operational"'));
  ok(true, 'the description of a shared link follows the status');
  await amends.call('DELETE', '/v1/brand/images/logo');
  ok((await home(amends)).includes(brand.logo), 'removing an image from the draft leaves the page');
  is((await amends.request('GET', brand.logo, undefined, anybody)).status, 200, 'and the image');
  ok((await amends.call('DELETE', '/v1/brand')).is_published, 'a draft can be discarded');
}

async function desks(amends, desk) {
  const form = await desk.get('/staff/brand');
  ok(/value="#9b1c31"/.test(form.text) && /Docs &lt;1&gt;/.test(form.text), 'the form shows the draft');
  const pale = await desk.send('/staff/brand', { accent: '#ffcc00', support_url: 'https://acme.example', do: 'publish' });
  ok(pale.status === 422 && /contrast of 1\.3/.test(pale.text) && /value="#ffcc00"/.test(pale.text), 'a refusal names the ratio and keeps what was typed');
  const bad = await desk.upload('/staff/brand/image', svg('<script/>'), { image: 'logo' }, 'logo.svg');
  ok(bad.status === 422 && /Logo: the SVG has a &lt;script&gt;/.test(bad.text), 'a bad file is refused on the page');
  is((await desk.upload('/staff/brand/image', svg('<path d="M1 1h1"/>'), { image: 'logo' }, 'logo.svg')).status, 303, 'a good one is kept');
  const links = { header_label: ['Docs', '', ''], header_url: ['https://docs.acme.example', '', ''] };
  is((await desk.send('/staff/brand', { accent: '#14532d', ...links, do: 'publish' })).status, 303, 'publish');
  await waitUntil('the page is green', async () => /--accent:#14532d/.test(await home(amends, '/brand.css')));
  const now = await amends.call('GET', '/v1/brand');
  ok(now.is_published && now.header_links.length === 1 && !now.support_url, 'the form says everything');
  is((await desk.upload('/staff/brand/image', '', { image: 'favicon', do: 'remove' })).status, 303, 'an image is removed');
  is((await amends.call('GET', '/v1/brand')).favicon, undefined, 'from the draft');
  const actions = (await amends.all('/v1/audit')).map((one) => one.action);
  ok(['brand.draft', 'brand.image', 'brand.image_remove', 'brand.publish', 'brand.discard'].every((one) => actions.includes(one)), 'the audit log has all of it');
  const responder = await Desk.enter(amends, 'responder', ['responder']);
  is((await responder.get('/staff/brand')).status, 403, 'only administrators change it');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const amends = await Amends.up({ dir });
  cleanup(() => amends.destroy());
  const desk = await Desk.enter(amends, 'boss', ['admin']);
  const plain = await home(amends);
  ok(!/brand\.css|og:image/.test(plain) && /href="\/static\/icon\.svg"/.test(plain), 'without a brand: the default');
  await served(amends, await images(amends));
  await refusals(amends);
  await drafts(amends, desk);
  await published(amends);
  await desks(amends, desk);
});

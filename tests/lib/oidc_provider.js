'use strict';
// A small OpenID provider: discovery, keys, authorisation without a question, tokens. The
// test sets the claims and how to spoil the token.
const crypto = require('node:crypto');
const http = require('node:http');

const encoded = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function pair(alg) {
  const made = alg === 'ES256' ? crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }) : crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...made, alg, kid: crypto.randomBytes(4).toString('hex') };
}

function sign({ privateKey, alg, kid }, claims, header = {}) {
  const text = `${encoded({ alg, kid, typ: 'JWT', ...header })}.${encoded(claims)}`;
  const key = alg === 'ES256' ? { key: privateKey, dsaEncoding: 'ieee-p1363' } : privateKey;
  return `${text}.${crypto.sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

class OidcProvider {
  static async start(client = { id: 'amends', secret: 'a secret, of course' }) {
    const provider = new OidcProvider();
    Object.assign(provider, { client, claims: {}, spoil: null, keys: null, codes: new Map(), seen: [], key: pair('RS256') });
    provider.server = http.createServer((request, reply) => provider.answer(request, reply));
    await new Promise((resolve) => { provider.server.listen(0, '127.0.0.1', resolve); });
    provider.issuer = `http://127.0.0.1:${provider.server.address().port}`;
    return provider;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  env() {
    return { AMENDS_OIDC_ISSUER: this.issuer, AMENDS_OIDC_CLIENT_ID: this.client.id, AMENDS_OIDC_CLIENT_SECRET: this.client.secret, AMENDS_ALLOW_LOOPBACK: 'true' };
  }

  async answer(request, reply) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url, this.issuer);
    const json = (status, body) => reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration') {
      json(200, { issuer: this.calls_itself || this.issuer, authorization_endpoint: `${this.issuer}/authorize`, token_endpoint: `${this.issuer}/token`, jwks_uri: `${this.issuer}/keys` });
    } else if (url.pathname === '/keys') {
      json(200, this.keys || { keys: [{ ...this.key.publicKey.export({ format: 'jwk' }), kid: this.key.kid, use: 'sig', alg: this.key.alg }] });
    } else if (url.pathname === '/authorize') {
      const code = crypto.randomBytes(12).toString('hex');
      this.codes.set(code, Object.fromEntries(url.searchParams));
      reply.writeHead(302, { location: `${url.searchParams.get('redirect_uri')}?code=${code}&state=${url.searchParams.get('state')}` }).end();
    } else if (url.pathname === '/token') {
      this.token(request, new URLSearchParams(Buffer.concat(chunks).toString()), json);
    } else {
      json(404, {});
    }
  }

  // RFC 6749 4.1.3, RFC 7636 4.6: checks client, code and verifier.
  token(request, form, json) {
    const basic = `Basic ${Buffer.from(`${this.client.id}:${this.client.secret}`).toString('base64')}`;
    const asked = this.codes.get(form.get('code'));
    this.codes.delete(form.get('code'));
    this.seen.push(asked);
    if (request.headers.authorization !== basic) return json(401, { error: 'invalid_client' });
    const challenge = crypto.createHash('sha256').update(form.get('code_verifier') || '').digest('base64url');
    if (!asked || asked.code_challenge_method !== 'S256' || asked.code_challenge !== challenge || asked.redirect_uri !== form.get('redirect_uri')) return json(400, { error: 'invalid_grant' });
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: this.client.id, iat: now, exp: now + 300, nonce: asked.nonce, ...this.claims };
    return json(200, { access_token: 'x', token_type: 'Bearer', id_token: this.spoil ? this.spoil(claims) : sign(this.key, claims) });
  }
}

module.exports = { OidcProvider, encoded, pair, sign };

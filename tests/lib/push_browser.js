'use strict';
// A browser's side of web push, by Node's own cryptography: a subscription's keys, the decryption of
// RFC 8291 and RFC 8188, and what a push service checks of VAPID (RFC 8292).
const crypto = require('node:crypto');

const url64 = (bytes) => Buffer.from(bytes).toString('base64url');
const hkdf = (salt, key, info, length) => Buffer.from(crypto.hkdfSync('sha256', key, salt, info, length));

class PushBrowser {
  constructor() {
    this.ecdh = crypto.createECDH('prime256v1');
    this.ecdh.generateKeys();
    this.secret = crypto.randomBytes(16);
    this.p256dh = url64(this.ecdh.getPublicKey());
    this.auth = url64(this.secret);
  }

  // The JSON of an encrypted body; throws if it is not for this browser.
  open(body) {
    const salt = body.subarray(0, 16);
    const size = body.readUInt32BE(16);
    const sender = body.subarray(21, 21 + body[20]);
    const sealed = body.subarray(21 + body[20]);
    if (sealed.length > size) throw new Error('more than one record');
    const shared = this.ecdh.computeSecret(sender);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.ecdh.getPublicKey(), sender]);
    const key = hkdf(this.secret, shared, info, 32);
    const open = crypto.createDecipheriv('aes-128-gcm', hkdf(salt, key, 'Content-Encoding: aes128gcm\0', 16), hkdf(salt, key, 'Content-Encoding: nonce\0', 12));
    open.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([open.update(sealed.subarray(0, -16)), open.final()]);
    const end = plain.lastIndexOf(2);
    if (end < 0 || plain.subarray(end + 1).some((byte) => byte)) throw new Error('no final delimiter');
    return JSON.parse(plain.subarray(0, end).toString('utf8'));
  }
}

// The claims of the header Authorization and the key as base64url; throws unless the signature holds.
function vapidClaims(header) {
  const [, token, key] = /^vapid t=([\w-]+\.[\w-]+\.[\w-]+), k=([\w-]+)$/.exec(header);
  const [head, claims, signature] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: url64(point.subarray(1, 33)), y: url64(point.subarray(33)) };
  const good = crypto.verify('sha256', Buffer.from(`${head}.${claims}`), { key: crypto.createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  if (!good) throw new Error('the token is not signed by its key');
  const { alg, typ } = JSON.parse(Buffer.from(head, 'base64url'));
  return { alg, typ, key, ...JSON.parse(Buffer.from(claims, 'base64url')) };
}

module.exports = { PushBrowser, vapidClaims };

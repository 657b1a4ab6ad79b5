'use strict';
// A name server for TXT records only (RFC 1035), by UDP on loopback.
const dgram = require('node:dgram');

function question(query) {
  const labels = [];
  let at = 12;
  for (; query[at]; at += query[at] + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

// A record of several strings of 255 octets, behind a pointer to the requested name.
function record(text) {
  const strings = text.match(/[^]{1,255}/g).map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part, 'latin1')]));
  const data = Buffer.concat(strings);
  const head = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255]);
  return Buffer.concat([head, data]);
}

class NameServer {
  // zone: {name: [text]}; other names do not exist.
  static async start(zone) {
    const server = new NameServer();
    server.zone = zone;
    server.socket = dgram.createSocket('udp4');
    server.socket.on('message', (query, from) => server.socket.send(server.answer(query), from.port, from.address));
    await new Promise((resolve) => server.socket.bind(0, '127.0.0.1', resolve));
    server.address = `127.0.0.1:${server.socket.address().port}`;
    return server;
  }

  answer(query) {
    const { name, type, end } = question(query);
    const texts = type === 16 ? this.zone[name] : null;
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(texts ? 0x8580 : 0x8583, 2); // authoritative; NXDOMAIN
    head.writeUInt16BE(texts ? texts.length : 0, 6);
    head.fill(0, 8);
    return Buffer.concat([head, query.subarray(12, end), ...(texts || []).map(record)]);
  }

  stop() {
    return new Promise((resolve) => this.socket.close(resolve));
  }
}

module.exports = { NameServer };

'use strict';
// Many webhook hosts, an address of 127.0.0.0/8 each: some answer after a while, others accept
// the request and never answer. Measures how long a broadcast takes to the answering ones.
const http = require('node:http');
const { waitUntil } = require('./amends.js');
const { sql, postIncident } = require('./notifiers.js');

const address = (i) => `127.0.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`;
const hangingAddress = (i) => `127.1.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`;

class WebhookHosts {
  constructor() {
    this.port = 0;
    this.hangs = 0; // accepted requests without an answer
    this.servers = [];
  }

  static async start({ healthy, hanging, answerMs }) {
    const hosts = new WebhookHosts();
    const answer = (request, response) => {
      request.resume();
      request.on('end', () => setTimeout(() => { response.writeHead(204); response.end(); }, answerMs));
    };
    const hang = (request) => { request.resume(); hosts.hangs += 1; };
    for (let i = 0; i < healthy; i++) await hosts.listen(address(i), answer);
    for (let i = 0; i < hanging; i++) await hosts.listen(hangingAddress(i), hang);
    hosts.healthy = healthy;
    hosts.hanging = hanging;
    return hosts;
  }

  listen(at, answer) {
    return new Promise((resolve, reject) => {
      const server = http.createServer(answer);
      server.keepAliveTimeout = 60000;
      this.servers.push(server);
      server.on('error', reject);
      server.listen(this.port, at, () => { this.port = server.address().port; resolve(); });
    });
  }

  // The hanging ones get the lower ids, so that they fill the first batch. crowd: number of additional
  // ones at the first of them.
  async subscribe(amends, crowd = 0) {
    const url = (at, path = '') => `http://${at}:${this.port}/hook${path}`;
    const urls = [...Array.from({ length: this.hanging }, (_, i) => url(hangingAddress(i))),
      ...Array.from({ length: crowd }, (_, i) => url(hangingAddress(0), `/${i}`)),
      ...Array.from({ length: this.healthy }, (_, i) => url(address(i)))];
    const lines = urls.map((one) => JSON.stringify({ channel: 'webhook', address: one, confirmed: true }));
    await amends.call('POST', '/v1/subscribers/import', lines.join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  }

  // Whether the hanging ones are in the audience of later broadcasts.
  static includeHanging(amends, yes) {
    sql(amends, `update subscriber set state = '${yes ? 'active' : 'unsubscribed'}' where address like 'http://127.1.%'`);
  }

  // {broadcast, ms}: from the post until the last who answers has the message.
  async timePost(amends, title) {
    const start = Date.now();
    const broadcast = await postIncident(amends, title);
    await waitUntil('all who answer have it', async () =>
      (await amends.call('GET', `/v1/broadcasts/${broadcast}`)).counts.accepted >= this.healthy);
    const [[last]] = sql(amends, `select extract(epoch from max(settled_at)) * 1000 from delivery where broadcast_id = ${broadcast}`);
    return { broadcast, ms: Number(last) - start };
  }

  // Interleaved rounds without and beside those who hang: {without, beside}, ms each. between:
  // called with the broadcast beside them while they still hang.
  async compare(amends, rounds, between = () => {}) {
    const without = [];
    const beside = [];
    for (let i = 0; i < rounds; i++) {
      WebhookHosts.includeHanging(amends, false);
      without.push((await this.timePost(amends, 'Without')).ms);
      WebhookHosts.includeHanging(amends, true);
      const one = await this.timePost(amends, 'Beside');
      beside.push(one.ms);
      await between(one.broadcast);
      await amends.request('POST', `/v1/broadcasts/${one.broadcast}/cancel`, {}); // 409 when all of it is superseded
    }
    return { without, beside };
  }

  stop() {
    return Promise.all(this.servers.map((server) => {
      server.closeAllConnections();
      return new Promise((done) => { server.close(done); });
    }));
  }
}

module.exports = { WebhookHosts };

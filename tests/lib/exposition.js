'use strict';
// What a target shows Prometheus, in the protobuf form of Prometheus' client model, the only one with native
// histograms: MetricFamily messages, each after its length.
const { bytes, text, double, whole, varint } = require('./remote_write.js');

const CONTENT_TYPE = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
const HISTOGRAM = 4;

const label = ([name, value]) => bytes(1, Buffer.concat([text(1, name), text(2, value)]));

// A native histogram of schema 0 whose observations all are in one bucket.
function histogram(count) {
  const zigzag = (n) => (n << 1) ^ (n >> 31);
  return bytes(7, Buffer.concat([whole(1, count), double(2, count * 0.7), whole(5, zigzag(0)), double(6, 1e-128), whole(7, 0),
    bytes(12, Buffer.concat([whole(1, zigzag(0)), whole(2, 1)])), whole(13, zigzag(count))]));
}

// rows: [[labels, count]]
function nativeHistograms(name, rows) {
  const family = Buffer.concat([text(1, name), whole(3, HISTOGRAM), ...rows.map(([labels, count]) => bytes(4, Buffer.concat([...Object.entries(labels).map(label), histogram(count)])))]);
  return Buffer.concat([varint(family.length), family]);
}

module.exports = { nativeHistograms, CONTENT_TYPE };

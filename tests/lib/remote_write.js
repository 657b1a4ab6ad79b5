'use strict';
// Bodies of Prometheus' remote write 1.0: protobuf in a snappy block of literals.
function varint(value) {
  const out = [];
  let left = BigInt.asUintN(64, BigInt(value));
  for (; left > 127n; left >>= 7n) out.push(Number(left & 127n) | 128);
  return Buffer.from([...out, Number(left)]);
}
const bytes = (number, buffer) => Buffer.concat([varint((number << 3) | 2), varint(buffer.length), buffer]);
const text = (number, value) => bytes(number, Buffer.from(value));

function sample([ms, value]) {
  const double = Buffer.alloc(8);
  double.writeDoubleLE(value);
  return bytes(2, Buffer.concat([varint((1 << 3) | 1), double, varint(2 << 3), varint(ms)]));
}

const octets = (value) => { const out = Buffer.alloc(8); out.writeDoubleLE(value); return out; };
const double = (number, value) => { const out = Buffer.isBuffer(value) ? value : octets(value); return Buffer.concat([varint((number << 3) | 1), out]); };
const whole = (number, value) => Buffer.concat([varint(number << 3), varint(value)]);
// How Prometheus marks the last sample of a series that is gone.
const STALE = Buffer.from('020000000000f07f', 'hex'); // no number: JavaScript would make another NaN of it

// A native histogram with so many observations; hint 3: a gauge.
function histogram([ms, count, { hint = 0, float = false, sum = 1 } = {}]) {
  return bytes(4, Buffer.concat([float ? double(2, count) : whole(1, count), double(3, sum), whole(4, 0), whole(6, 0),
    bytes(11, Buffer.concat([whole(1, 0), whole(2, 1)])), bytes(12, varint(count * 2)), ...(hint ? [whole(14, hint)] : []), whole(15, ms)]));
}

// [{labels: {}, samples: [[ms, value]], histograms: [[ms, count, more]]}]
function request(series) {
  return Buffer.concat(series.map(({ labels, samples = [], histograms = [] }) => bytes(1, Buffer.concat([
    ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)).map((pair) => bytes(1, Buffer.concat([text(1, pair[0]), text(2, pair[1])]))),
    ...samples.map(sample), ...histograms.map(histogram)]))));
}

function snappy(raw) {
  const parts = [varint(raw.length)];
  for (let i = 0; i < raw.length; i += 65536) {
    const piece = raw.subarray(i, i + 65536);
    const length = Buffer.alloc(2);
    length.writeUInt16LE(piece.length - 1);
    parts.push(Buffer.from([61 << 2]), length, piece);
  }
  return Buffer.concat(parts);
}

const HEADERS = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' };
const body = (series) => snappy(request(series));

module.exports = { body, snappy, request, varint, bytes, text, double, whole, STALE, HEADERS };

'use strict';
// Amazon SNS as a server of ours: its certificate and its confirmations of subscriptions, with a key of
// its own. Messages are signed as Amazon's documentation says.
const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const SIGNED = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

class Sns {
  static async start(dir) {
    const sns = new Sns();
    const [key, certificate] = ['sns.key', 'sns.pem'].map((name) => path.join(dir, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=sns.amazonaws.com', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    sns.key = fs.readFileSync(key, 'utf8');
    sns.asked = [];
    sns.server = http.createServer((request, reply) => {
      sns.asked.push(request.url);
      reply.end(request.url.endsWith('.pem') ? fs.readFileSync(certificate) : '<ConfirmSubscriptionResponse/>');
    });
    await new Promise((resolve) => { sns.server.listen(0, '127.0.0.1', resolve); });
    sns.host = `127.0.0.1:${sns.server.address().port}`;
    return sns;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => { this.server.close(resolve); });
  }

  // An envelope; more replaces members before it is signed.
  message(type, version, more) {
    const one = {
      Type: type, MessageId: crypto.randomUUID(), TopicArn: 'arn:aws:sns:eu-west-1:1:alarms', Message: 'x', Timestamp: '2026-03-03T10:00:01.000Z',
      SignatureVersion: version, SigningCertURL: `http://${this.host}/SimpleNotificationService-1.pem`, ...more,
      ...(type === 'Notification' ? {} : { Token: 'token', SubscribeURL: `http://${this.host}/?Action=ConfirmSubscription&Token=token` }),
    };
    const text = SIGNED.filter((name) => one[name] !== undefined).map((name) => `${name}\n${one[name]}\n`).join('');
    return { ...one, Signature: crypto.sign(version === '1' ? 'sha1' : 'sha256', Buffer.from(text), this.key).toString('base64') };
  }

  // An alarm of CloudWatch.
  alarm(state, at, version = '2', more = {}) {
    return this.message('Notification', version, {
      Subject: `${state}: "api-errors" in EU (Ireland)`, ...more,
      Message: JSON.stringify({
        AlarmName: 'api-errors', AlarmDescription: null, AWSAccountId: '1', NewStateValue: state, NewStateReason: 'Threshold Crossed', StateChangeTime: at.replace('Z', '+0000'),
        Region: 'EU (Ireland)', AlarmArn: 'arn:aws:cloudwatch:eu-west-1:1:alarm:api-errors', OldStateValue: state === 'OK' ? 'ALARM' : 'OK',
        Trigger: { MetricName: '5xx', Namespace: 'AWS/ApiGateway', Dimensions: [{ value: 'api', name: 'ApiName' }] },
      }),
    });
  }
}

module.exports = { Sns };

'use strict';
// Slack as an app sees it, written from its documentation: it signs what it sends ("Verifying requests from Slack"), ends a
// trigger_id after its first use or three seconds, keeps views and messages, answers 200 with ok: false, and applies what an
// app replies to view_submission. An input keeps what was typed while its block_id and action_id stay ("Updating views"), and
// tells the app at once if it has dispatch_action. Every message and view is kept in `seen` for lib/slack_types.js.
const crypto = require('node:crypto');
const http = require('node:http');
const { sql } = require('./notifiers.js');
const { person } = require('./staff.js');

// The block of an API's field: its block_id may end in a mark.
const fieldOf = (block) => block.split('~')[0];
const inputOf = (view, field) => {
  const found = view.blocks.find((block) => block.type === 'input' && fieldOf(block.block_id) === field);
  if (!found) throw new Error(`the view has no input ${field}: ${view.blocks.map((block) => block.block_id)}`);
  return found;
};
const optionsOf = (element) => [...(element.options || []), ...(element.option_groups || []).flatMap((group) => group.options)];

// What Slack refuses as invalid_arguments.
function invalid({ blocks }) {
  const ids = blocks.map((block) => block.block_id).filter(Boolean);
  const twice = ids.filter((one, i) => ids.indexOf(one) !== i).map((one) => `two blocks ${one}`);
  const strange = blocks.flatMap(({ block_id: block, element }) => [element?.initial_option, ...(element?.initial_options || [])]
    .filter((one) => one && !optionsOf(element).some((option) => JSON.stringify(option) === JSON.stringify(one)))
    .map((one) => `${block} begins with ${one.value}, which is no option`));
  const empty = blocks.filter(({ element }) => /select|checkboxes/.test(element?.type) && !optionsOf(element).length).map((block) => `${block.block_id} has no options`);
  return [...twice, ...strange, ...empty, ...ids.filter((one) => one.length > 255)];
}

const id = (letter) => letter + crypto.randomBytes(5).toString('hex').toUpperCase();

class FakeSlack {
  constructor(secret, token) {
    Object.assign(this, { secret, token, team: { id: id('T'), domain: 'example' }, triggers: new Map(), views: new Map(), messages: [], responses: [], calls: [], seen: [], wrong: [], asked: [], busy: 0, late: 0, whispers: [], slowest: 0, down: false });
    this.server = http.createServer((request, response) => this.take(request, response));
  }

  static async start(secret = 'signing-secret', token = 'xoxb-1-token') {
    const slack = new FakeSlack(secret, token);
    await new Promise((resolve) => slack.server.listen(0, '127.0.0.1', resolve));
    slack.url = `http://127.0.0.1:${slack.server.address().port}`;
    return slack;
  }

  env() {
    return { AMENDS_SLACK_SIGNING_SECRET: this.secret, AMENDS_SLACK_BOT_TOKEN: this.token, AMENDS_SLACK_API_URL: `${this.url}/api`, AMENDS_ALLOW_LOOPBACK: '1' };
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  user(name) {
    return { id: id('U'), name, username: name };
  }

  // ---- the Web API ----

  take(request, response) {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      this.asked.push(request.url.replace('/api/', ''));
      if (this.down) return void request.socket.destroy();
      if (this.busy-- > 0) return void response.writeHead(429, { 'retry-after': '1' }).end();
      if (this.delay) return void setTimeout(() => this.answer(request, text, response), this.delay);
      this.answer(request, text, response);
    });
  }

  answer(request, text, response) {
    const method = request.url.replace('/api/', '');
    const reply = this.refused(request, text) || this.perform(method, text ? JSON.parse(text) : {});
    this.calls.push({ method, ok: reply.ok, error: reply.error });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply));
  }

  perform(method, body) {
    try {
      return (FakeSlack.methods[method] || (() => ({ ok: false, error: 'unknown_method' }))).call(this, body);
    } catch (error) {
      this.wrong.push(error.message);
      return { ok: false, error: 'invalid_arguments' };
    }
  }

  refused(request, text) {
    if (request.headers.authorization !== `Bearer ${this.token}`) return { ok: false, error: 'invalid_auth' };
    if (text && !/^application\/json/.test(request.headers['content-type'])) return { ok: false, error: 'invalid_post_type' };
    return null;
  }

  exchange(trigger) {
    const made = this.triggers.get(trigger);
    if (made === undefined) return 'invalid_trigger_id';
    if (made === 'used') return 'exchanged_trigger_id';
    if (Date.now() - made > 3000) return 'expired_trigger_id';
    this.triggers.set(trigger, 'used');
    return null;
  }

  judge(view) {
    this.seen.push(['View', view]);
    const wrong = invalid(view);
    if (wrong.length) throw new Error(`invalid_arguments: ${wrong}`);
  }

  keepView(view, previous) {
    this.judge(view);
    const own = { ...view, kept: {}, id: id('V'), team_id: this.team.id, hash: `${Date.now()}.x`, previous_view_id: previous?.id ?? null };
    own.root_view_id = previous?.root_view_id ?? own.id;
    this.views.set(own.id, own);
    this.view = own;
    return own;
  }

  replaceView(old, view) {
    this.judge(view);
    const stays = (block) => view.blocks.some((one) => one.block_id === block && one.element && old.blocks.some((before) => before.block_id === block && before.element?.type === one.element.type));
    Object.assign(old, { kept: Object.fromEntries(Object.entries(old.kept).filter(([block]) => stays(block))) });
    Object.assign(old, { blocks: view.blocks, title: view.title, submit: view.submit, close: view.close, callback_id: view.callback_id, private_metadata: view.private_metadata, hash: `${Date.now()}.${id('y')}` });
    return old;
  }

  keepMessage(message, ts = `${Date.now()}.${String(this.messages.length).padStart(6, '0')}`) {
    const { channel, thread_ts: thread, reply_broadcast: shown, ts: ignored, ...rest } = message;
    this.seen.push(['Message', rest]);
    const own = { channel, thread, shown, ts, first: rest.blocks, ...rest };
    this.messages.push(own);
    return own;
  }

  // ---- what a person does; each answers with what the person sees then ----

  async deliver(amends, target, body, { at = Math.floor(Date.now() / 1000), secret = this.secret, signature } = {}) {
    const began = Date.now();
    const mac = `v0=${crypto.createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
    const reply = await amends.request('POST', target, body, {
      key: null, headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-request-timestamp': String(at), 'x-slack-signature': signature ?? mac },
    });
    this.slowest = Math.max(this.slowest, Date.now() - began);
    this.last = { target, body };
    return { status: reply.status, json: reply.text ? JSON.parse(reply.text) : null };
  }

  // The same bytes again, signed anew: Slack's retry, or a second click.
  again(amends) {
    return this.deliver(amends, this.last.target, this.last.body);
  }

  trigger() {
    const made = `${Date.now()}.${crypto.randomBytes(4).toString('hex')}`;
    this.triggers.set(made, Date.now() - this.late);
    return made;
  }

  command(amends, user, text, options) {
    const body = new URLSearchParams({ command: '/amends', text, team_id: this.team.id, team_domain: this.team.domain, channel_id: 'C0DESK', user_id: user.id, user_name: user.name, trigger_id: this.trigger(), response_url: `${this.url}/response/${id('R')}` });
    return this.deliver(amends, '/hooks/slack/commands', body.toString(), options).then((reply) => {
      if (reply.json?.blocks) this.seen.push(['Reply', reply.json]);
      return reply;
    });
  }

  interact(amends, payload) {
    const whole = { team: this.team, trigger_id: this.trigger(), ...payload };
    return this.deliver(amends, '/hooks/slack/interactions', new URLSearchParams({ payload: JSON.stringify(whole) }).toString());
  }

  shortcut(amends, user, callback, message) {
    return this.interact(amends, { type: message ? 'message_action' : 'shortcut', callback_id: callback, user, ...(message ? { message, channel: { id: 'C0DESK' } } : {}) });
  }

  // A button of a message or view.
  click(amends, user, on, action, value) {
    const button = on.blocks.flatMap((block) => [...(block.elements || []), block.accessory].filter(Boolean)).find((one) => one.action_id === action && (value === undefined || one.value === value));
    if (!button) throw new Error(`no button ${action} in ${JSON.stringify(on.blocks)}`);
    const place = on.id ? { view: { ...on, state: { values: {} } } } : { channel: { id: on.channel }, message: { ts: on.ts, blocks: on.blocks }, container: { type: 'message', message_ts: on.ts, channel_id: on.channel } };
    return this.interact(amends, { type: 'block_actions', user, actions: [{ action_id: action, block_id: 'b', type: 'button', value: button.value }], ...place });
  }

  // What a person chooses in an open view, field by field ({field: value}).
  async choose(amends, user, view, typed) {
    for (const [field, value] of Object.entries(typed)) {
      const { block_id: block, element, dispatch_action: tells } = inputOf(view, field);
      const state = FakeSlack.stateOf(view, { [field]: value }, true).values;
      view.kept[block] = state[block][element.action_id];
      if (!tells) continue;
      const action = { block_id: block, action_id: element.action_id, ...view.kept[block] };
      await this.interact(amends, { type: 'block_actions', user, container: { type: 'view', view_id: view.id }, view: { ...view, state: { values: state } }, actions: [action] });
    }
    return view;
  }

  // The values of a view's inputs: what is typed ({field: value}), was chosen before, or they begin with.
  static stateOf(view, typed, unfinished) {
    const values = {};
    for (const field of Object.keys(typed)) inputOf(view, field);
    for (const { type, block_id: block, element, optional } of view.blocks) {
      if (type !== 'input') continue;
      const given = typed[fieldOf(block)];
      let state;
      const option = (value) => {
        const all = optionsOf(element);
        const found = all.find((one) => one.value === value);
        if (!found) throw new Error(`${block} has no option ${value}: ${JSON.stringify(all)}`);
        return found;
      };
      if (given === undefined && view.kept[block]) {
        const { type: ignored, ...kept } = view.kept[block];
        state = kept;
      } else if (element.type === 'plain_text_input') state = { value: given === undefined ? element.initial_value ?? null : given };
      else if (element.type === 'static_select') state = { selected_option: given === undefined ? element.initial_option ?? null : option(given) };
      else if (element.type === 'multi_static_select' || element.type === 'checkboxes') state = { selected_options: given === undefined ? element.initial_options ?? [] : given.map(option) };
      else if (element.type === 'datetimepicker') state = { selected_date_time: given ?? element.initial_date_time ?? null };
      else throw new Error(`no input ${element.type}`);
      const [value] = Object.values(state);
      if (!unfinished && !optional && (value === null || value.length === 0)) throw new Error(`Slack asks for ${block} first`);
      if (element.max_length && value && [...value].length > element.max_length) throw new Error(`Slack takes ${element.max_length} characters in ${block}`);
      values[block] = { [element.action_id]: { type: element.type, ...state } };
    }
    return { values };
  }

  // Submit a view. Returns {errors} or {view}: the one on top then, or null.
  async submit(amends, user, view, typed = {}) {
    const reply = await this.interact(amends, { type: 'view_submission', user, view: { ...view, state: FakeSlack.stateOf(view, typed) } });
    return { ...this.apply(view, reply.json), reply };
  }

  apply(view, json) {
    if (!json) return { view: this.views.get(view.previous_view_id) ?? null };
    if (json.response_action === 'errors') {
      const known = view.blocks.filter((block) => block.type === 'input').map((block) => block.block_id);
      for (const block of Object.keys(json.errors)) if (!known.includes(block)) throw new Error(`Slack shows no error at ${block}`);
      return { errors: Object.fromEntries(Object.entries(json.errors).map(([block, text]) => [fieldOf(block), text])) };
    }
    if (json.response_action === 'push') return { view: this.keepView(json.view, view) };
    if (json.response_action === 'update') return { view: this.replaceView(view, json.view) };
    if (json.response_action === 'clear') return { view: null };
    throw new Error(`Slack knows no response_action ${json.response_action}`);
  }
}

FakeSlack.methods = {
  'auth.test': function () {
    return { ok: true, team: this.team.domain, team_id: this.team.id, user: 'amends', bot_id: 'B1' };
  },
  'views.open': function ({ trigger_id: trigger, view }) {
    const error = this.exchange(trigger);
    return error ? { ok: false, error } : { ok: true, view: this.keepView(view) };
  },
  'views.update': function ({ view_id: key, view, hash }) {
    const old = this.views.get(key);
    if (old && hash && hash !== old.hash) return { ok: false, error: 'hash_conflict' };
    return old ? { ok: true, view: this.replaceView(old, view) } : { ok: false, error: 'not_found' };
  },
  'chat.postMessage': function (message) {
    if (!/^C/.test(message.channel)) return { ok: false, error: 'channel_not_found' };
    const { ts } = this.keepMessage(message);
    return { ok: true, channel: message.channel, ts };
  },
  'chat.postEphemeral': function (message) {
    if (!/^C/.test(message.channel) || !message.user || !message.text) return { ok: false, error: 'channel_not_found' };
    this.whispers.push(message);
    return { ok: true, message_ts: '1' };
  },
  'chat.update': function (message) {
    const old = this.messages.find((one) => one.ts === message.ts && one.channel === message.channel);
    if (!old) return { ok: false, error: 'message_not_found' };
    Object.assign(old, message);
    return { ok: true, channel: old.channel, ts: old.ts };
  },
};

// A member of staff who is linked with a Slack user.
function linked(amends, slack, login, ...roles) {
  const user = slack.user(login);
  person(amends, login, roles);
  sql(amends, `insert into slack_link (team, user_id, user_name, team_name, staff_id) select '${slack.team.id}', '${user.id}', '${login}', 'example', id from staff where login = '${login}'`);
  return user;
}

module.exports = { FakeSlack, linked, inputOf };

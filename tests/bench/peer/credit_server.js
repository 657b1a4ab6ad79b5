'use strict';
// GET /v1/credits/{id} as fastify and pg would do it: key looked up, credit with its lines as
// one statement, JSON out.
//   node credit_server.js SOCKET_DIRECTORY
const fastify = require('fastify');
const { Pool } = require('pg');

const SQL = `select c.id, a.external_id as account, c.amount_minor, c.currency, c.exponent, c.run_id as run, c.state, c.issued_at,
  (select json_agg(json_build_object('period_from', l.period_from, 'period_to', l.period_to, 'amount_minor', l.amount_minor))
     from credit_line l where l.credit_id = c.id) as lines
  from credit c join account a on a.id = c.account_id where c.id = $1`;

async function main() {
  const pool = new Pool({ host: process.argv[2], user: 'amends', database: 'amends', max: 10 });
  const server = fastify({ logger: false });
  server.get('/v1/credits/:id', async (request, reply) => {
    const key = await pool.query({ name: 'key', text: 'select scopes from api_key where public_id = $1', values: [request.headers['x-key']] });
    if (key.rows.length === 0) return reply.code(401).send();
    const found = await pool.query({ name: 'credit', text: SQL, values: [request.params.id] });
    return found.rows.length ? found.rows[0] : reply.code(404).send();
  });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  console.log(`ready ${address}`);
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});

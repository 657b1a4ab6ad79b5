// The types of openapi-typescript, with openapi-fetch.
import createClient from 'openapi-fetch';
import type { paths } from './amends';

async function main() {
  const ref = process.env.REF!;
  const client = createClient<paths>({ baseUrl: process.env.AMENDS_URL, headers: { authorization: `Bearer ${process.env.AMENDS_KEY}` } });
  const create = () => client.POST('/v1/incidents', {
    params: { header: { 'Idempotency-Key': ref } },
    body: { ref, title: `By ${ref}`, state: 'investigating', body: 'We look.', notify: false },
  });
  const first = (await create()).data!;
  const again = (await create()).data!;
  const read = (await client.GET('/v1/incidents/{ref}', { params: { path: { ref } } })).data!;
  let n = 0;
  let cursor: string | null | undefined;
  do {
    const page = (await client.GET('/v1/incidents', { params: { query: { limit: 1, ...(cursor && { cursor }) } } })).data!;
    n += page.data.length;
    cursor = page.next_cursor;
  } while (cursor);
  console.log(first.update.id, again.update.id, read.title, n);
}

main();

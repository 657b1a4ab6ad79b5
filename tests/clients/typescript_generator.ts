// The client of openapi-generator (typescript-fetch).
import { Configuration, IncidentsApi, IncidentCreateStateEnum } from './src';

async function main() {
  const ref = process.env.REF!;
  const api = new IncidentsApi(new Configuration({ basePath: process.env.AMENDS_URL, accessToken: process.env.AMENDS_KEY }));
  const incidentCreate = { ref, title: `By ${ref}`, state: IncidentCreateStateEnum.Investigating, body: 'We look.', notify: false };
  const first = await api.createIncident({ incidentCreate, idempotencyKey: ref });
  const again = await api.createIncident({ incidentCreate, idempotencyKey: ref });
  const read = await api.getIncident({ ref });
  let n = 0;
  let cursor: string | undefined;
  do {
    const page = await api.listIncidents({ cursor, limit: 1 });
    n += page.data.length;
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  console.log(first.update.id, again.update.id, read.title, n);
}

main();

# The client of openapi-generator.
import os

from amends_generated import ApiClient, Configuration, IncidentCreate, IncidentsApi

ref = os.environ["REF"]
configuration = Configuration(host=os.environ["AMENDS_URL"], access_token=os.environ["AMENDS_KEY"])
api = IncidentsApi(ApiClient(configuration))
new = IncidentCreate(ref=ref, title=f"By {ref}", kind="incident", state="investigating", body="We look.", notify=False)
first = api.create_incident(new, idempotency_key=ref)
again = api.create_incident(new, idempotency_key=ref)
read = api.get_incident(ref)
n, cursor = 0, None
while True:
    page = api.list_incidents(cursor=cursor, limit=1)
    n, cursor = n + len(page.data), page.next_cursor
    if cursor is None:
        break
print(first.update.id, again.update.id, read.title, n)

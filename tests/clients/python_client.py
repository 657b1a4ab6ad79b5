# The client of openapi-python-client.
import os

from amends_client import AuthenticatedClient
from amends_client.api.incidents import create_incident, get_incident, list_incidents
from amends_client.models import IncidentCreate, IncidentCreateState
from amends_client.types import UNSET

ref = os.environ["REF"]
client = AuthenticatedClient(base_url=os.environ["AMENDS_URL"], token=os.environ["AMENDS_KEY"])
new = IncidentCreate(ref=ref, title=f"By {ref}", state=IncidentCreateState.INVESTIGATING, body="We look.", notify=False)
first = create_incident.sync(client=client, body=new, idempotency_key=ref)
again = create_incident.sync(client=client, body=new, idempotency_key=ref)
read = get_incident.sync(ref, client=client)
n, cursor = 0, UNSET
while True:
    page = list_incidents.sync(client=client, cursor=cursor, limit=1)
    n, cursor = n + len(page.data), page.next_cursor
    if cursor is None:
        break
print(first.update.id, again.update.id, read.title, n)

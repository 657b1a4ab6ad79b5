import org.openapitools.client.ApiClient;
import org.openapitools.client.api.IncidentsApi;
import org.openapitools.client.model.Incident;
import org.openapitools.client.model.IncidentCreate;
import org.openapitools.client.model.IncidentPage;
import org.openapitools.client.model.IncidentPosted;

/** The client of openapi-generator (library native). */
public final class RoundTrip {
    public static void main(String[] args) throws Exception {
        String ref = System.getenv("REF");
        String key = System.getenv("AMENDS_KEY");
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("AMENDS_URL"));
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + key));
        IncidentsApi api = new IncidentsApi(client);
        IncidentCreate create = new IncidentCreate().ref(ref).title("By " + ref)
            .state(IncidentCreate.StateEnum.INVESTIGATING).body("We look.").notify(false);
        IncidentPosted first = api.createIncident(create, ref);
        IncidentPosted again = api.createIncident(create, ref);
        Incident read = api.getIncident(ref);
        int n = 0;
        String cursor = null;
        do {
            IncidentPage page = api.listIncidents(cursor, 1L, null, null, null, null, null, null, null, null);
            n += page.getData().size();
            cursor = page.getNextCursor();
        } while (cursor != null);
        System.out.println(first.getUpdate().getId() + " " + again.getUpdate().getId() + " " + read.getTitle() + " " + n);
    }
}

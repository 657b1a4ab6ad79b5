// The client of oapi-codegen.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"amends.example/clients/oapi/amends"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	ref, ctx := os.Getenv("REF"), context.Background()
	withKey := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("AMENDS_KEY"))
		return nil
	}
	client := must(amends.NewClientWithResponses(os.Getenv("AMENDS_URL"), amends.WithRequestEditorFn(withKey)))
	quiet := false
	create := amends.IncidentCreate{Ref: &ref, Title: "By " + ref, State: amends.IncidentCreateStateInvestigating, Body: "We look.", Notify: &quiet}
	keyed := &amends.CreateIncidentParams{IdempotencyKey: &ref}
	first := must(client.CreateIncidentWithResponse(ctx, keyed, create)).JSON201
	again := must(client.CreateIncidentWithResponse(ctx, keyed, create)).JSON201
	read := must(client.GetIncidentWithResponse(ctx, ref)).JSON200
	n, one := 0, int64(1)
	for params := (amends.ListIncidentsParams{Limit: &one}); ; {
		page := must(client.ListIncidentsWithResponse(ctx, &params)).JSON200
		n += len(page.Data)
		if page.NextCursor == nil {
			break
		}
		params.Cursor = page.NextCursor
	}
	fmt.Println(first.Update.Id, again.Update.Id, read.Title, n)
}

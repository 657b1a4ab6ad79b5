// The client of ogen.
package main

import (
	"context"
	"fmt"
	"os"

	"amends.example/clients/ogen/amends"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

type key struct{}

func (key) BearerAuth(context.Context, amends.OperationName) (amends.BearerAuth, error) {
	return amends.BearerAuth{Token: os.Getenv("AMENDS_KEY")}, nil
}

func main() {
	ref, ctx := os.Getenv("REF"), context.Background()
	client := must(amends.NewClient(os.Getenv("AMENDS_URL"), key{}))
	create := amends.IncidentCreate{Ref: amends.NewOptString(ref), Title: "By " + ref, State: amends.IncidentCreateStateInvestigating,
		Body: "We look.", Notify: amends.NewOptBool(false)}
	keyed := amends.CreateIncidentParams{IdempotencyKey: amends.NewOptString(ref)}
	first := must(client.CreateIncident(ctx, &create, keyed)).(*amends.IncidentPostedHeaders)
	again := must(client.CreateIncident(ctx, &create, keyed)).(*amends.IncidentPostedHeaders)
	read := must(client.GetIncident(ctx, amends.GetIncidentParams{Ref: ref})).(*amends.Incident)
	n := 0
	for params := (amends.ListIncidentsParams{Limit: amends.NewOptInt64(1)}); ; {
		page := must(client.ListIncidents(ctx, params)).(*amends.IncidentPage)
		n += len(page.Data)
		cursor, more := page.NextCursor.Get()
		if !more {
			break
		}
		params.Cursor = amends.NewOptString(cursor)
	}
	fmt.Println(first.Response.Update.ID, again.Response.Update.ID, read.Title, n)
}

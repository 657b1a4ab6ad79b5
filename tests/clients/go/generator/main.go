// The client of openapi-generator.
package main

import (
	"context"
	"fmt"
	"os"

	"amends.example/clients/generator/amends"
)

func main() {
	ref := os.Getenv("REF")
	ctx := context.WithValue(context.Background(), amends.ContextAccessToken, os.Getenv("AMENDS_KEY"))
	configuration := amends.NewConfiguration()
	configuration.Servers = amends.ServerConfigurations{{URL: os.Getenv("AMENDS_URL")}}
	api := amends.NewAPIClient(configuration).IncidentsAPI
	create := amends.NewIncidentCreate("By "+ref, "investigating", "We look.")
	create.SetRef(ref)
	create.SetNotify(false)
	first, _, err := api.CreateIncident(ctx).IncidentCreate(*create).IdempotencyKey(ref).Execute()
	check(err)
	again, _, err := api.CreateIncident(ctx).IncidentCreate(*create).IdempotencyKey(ref).Execute()
	check(err)
	read, _, err := api.GetIncident(ctx, ref).Execute()
	check(err)
	n := 0
	for request := api.ListIncidents(ctx).Limit(1); ; {
		page, _, err := request.Execute()
		check(err)
		n += len(page.Data)
		if page.NextCursor.Get() == nil {
			break
		}
		request = request.Cursor(*page.NextCursor.Get())
	}
	fmt.Println(first.Update.Id, again.Update.Id, read.Title, n)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

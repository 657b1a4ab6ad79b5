"""Reads a page through five Python clients of Statuspage, unchanged, and prints what they saw."""
import asyncio
import json
import sys

import feedparser
import whadup
from arez.statuspage import StatusPage
from discordstatus import DiscordStatus
from statuscheck.services.bases._statuspageio import BaseStatusPageAPI
from statuspage_prometheus_exporter.service_checker import check_status_page_service

URL = sys.argv[1]


async def arez():
    async with StatusPage(URL) as page:
        status = await page.get_status()
        incident, = status.incidents
        maintenance, = status.maintenances
        return {
            "status": status.status, "impact": status.impact,
            "groups": [group.name for group in status.groups],
            "component": status.component("API").status,
            "incident": [incident.name, incident.impact, incident.last_update.description,
                         str(incident.created_at), [c.name for c in incident.components]],
            "maintenance": [maintenance.name, maintenance.status, maintenance.impact,
                            (maintenance.scheduled_until - maintenance.scheduled_for).total_seconds()],
        }


def discordstatus():
    client = DiscordStatus()
    client.base_target = f"{URL}/api/v2"
    return [len(client.summary["components"]), len(client.components["components"]),
            len(client.unresolved_incidents["incidents"]), len(client.all_incidents["incidents"]),
            len(client.upcoming_maintenances["scheduled_maintenances"]),
            len(client.active_maintenances["scheduled_maintenances"]),
            len(client.all_maintenances["scheduled_maintenances"]), client.status["status"]["indicator"]]


def whadup_():
    whadup.API_BASE_URL = f"{URL}/api/"
    client = whadup.GithubStatus()
    return [client.summary()["status"]["indicator"], client.components()["components"][0]["name"]]


class Page(BaseStatusPageAPI):
    def _get_base_url(self):
        return f"{URL}/api/v2/"


def statuscheck():
    summary = Page().get_summary()
    return [summary.status.name, summary.status.is_ok, sorted(i.name for i in summary.incidents),
            sorted([c.name, c.status] for c in summary.components)]


def exporter():
    seen = check_status_page_service("page", {"name": "page", "url": f"{URL}/api/v2/summary.json"})
    return [seen["success"], seen["raw_status"], seen["error"] if not seen["success"] else None,
            [i["name"] if "name" in i else i["id"] for i in seen["incident_metadata"]]]


def history():
    feed = feedparser.parse(f"{URL}/history.atom")
    return [feed.bozo, [entry.title for entry in feed.entries]]


print(json.dumps({"arez": asyncio.run(arez()), "discordstatus": discordstatus(),
                  "whadup": whadup_(), "statuscheck": statuscheck(), "exporter": exporter(),
                  "feedparser": history()}))

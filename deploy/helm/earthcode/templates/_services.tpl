{{/*
What the five services are. These are facts of the code, not choices of a deployment:
  package   the Python package that `python -m` runs
  setting   the word in EARTHCODE_<word>_URL
  worker    it has background loops (`work`)
  calls     the services it sends HTTP requests to (auth-gateway: for its public keys)
  internet  it fetches from the world: OIDC providers, platforms, links in documents
*/}}
{{- define "earthcode.services" -}}
auth-gateway:
  package: auth_gateway
  setting: GATEWAY
  worker: false
  calls: [publisher, catalog-api, records-api, reproducer]
  internet: true
publisher:
  package: publisher
  setting: PUBLISHER
  worker: true
  calls: [auth-gateway]
  internet: false
catalog-api:
  package: catalog_api
  setting: CATALOG
  worker: true
  calls: [auth-gateway, publisher, reproducer]
  internet: false
records-api:
  package: records_api
  setting: RECORDS
  worker: true
  calls: [auth-gateway, publisher, reproducer]
  internet: false
reproducer:
  package: reproducer
  setting: REPRODUCER
  worker: true
  calls: [auth-gateway, publisher, catalog-api, records-api]
  internet: true
{{- end }}

{{/* The configuration of one service: `defaults` overlaid by `services.<name>`. */}}
{{- define "earthcode.config" -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (index .root.Values.services .name)) | toYaml }}
{{- end }}

{{/* The same for its worker: the service's configuration overlaid by its `worker`. */}}
{{- define "earthcode.workerConfig" -}}
{{- $config := include "earthcode.config" . | fromYaml }}
{{- mergeOverwrite (omit $config "worker" "autoscaling") (deepCopy $config.worker) | toYaml }}
{{- end }}

{{/*
The environment of one container of a service, as a list. Input: root, name, facts, config,
component ("api", "worker" or "migration") and nats: the NATS user whose seed is mounted ("" for a
process that does not talk to NATS).
*/}}
{{- define "earthcode.env" -}}
{{- $root := .root }}
{{- $values := .root.Values -}}
- name: EARTHCODE_ENVIRONMENT
  value: {{ $values.environment }}
- name: EARTHCODE_LOG_LEVEL
  value: {{ $values.logLevel }}
- name: EARTHCODE_PUBLIC_URL
  value: {{ $values.publicUrl | quote }}
{{- range $name, $facts := include "earthcode.services" . | fromYaml }}
- name: EARTHCODE_{{ $facts.setting }}_URL
  value: {{ include "earthcode.url" (dict "root" $root "name" $name) | quote }}
{{- end }}
- name: EARTHCODE_MAX_BODY_BYTES
  value: {{ $values.maxBodyBytes | int64 | quote }}
- name: EARTHCODE_ALLOW_PRIVATE_NETWORKS
  value: {{ $values.allowPrivateNetworks | quote }}
{{- with $values.pageTokens.existingSecret }}
- name: EARTHCODE_PAGE_TOKEN_KEY
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: {{ $values.pageTokens.key }} }
{{- end }}
{{- if .config.database }}
{{ include "earthcode.databaseEnv" . }}
{{- end }}
- name: EARTHCODE_NATS_URL
  value: {{ $values.nats.url | quote }}
{{- if and .nats $values.nats.existingSecret }}
- name: EARTHCODE_NATS_SEED_FILE
  value: /etc/earthcode/nats/seed
{{- end }}
{{- if ne .component "migration" }}
{{- if eq .name "auth-gateway" }}
{{ include "earthcode.gatewayEnv" . }}
{{- else if eq .name "reproducer" }}
{{ include "earthcode.reproducerEnv" . }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The address carries no user and no password: asyncpg takes them from PGUSER and PGPASSWORD, so a
password may hold any character. PGSSLMODE and PGSSLROOTCERT work the same way.
*/}}
{{- define "earthcode.databaseEnv" -}}
{{- $postgres := .root.Values.postgres }}
{{- $database := .config.database }}
{{- $secret := $database.existingSecret -}}
- name: EARTHCODE_DATABASE_POOL_SIZE
  value: {{ .config.poolSize | int64 | quote }}
- name: PGSSLMODE
  value: {{ $postgres.sslMode }}
{{- if $postgres.ca.existingSecret }}
- name: PGSSLROOTCERT
  value: /etc/earthcode/postgres/ca.crt
{{- end }}
{{- if $database.urlKey }}
- name: EARTHCODE_DATABASE_URL
  valueFrom:
    secretKeyRef: { name: {{ $secret }}, key: {{ $database.urlKey }} }
{{- else }}
- name: PGUSER
  valueFrom:
    secretKeyRef: { name: {{ $secret }}, key: username }
- name: PGPASSWORD
  valueFrom:
    secretKeyRef: { name: {{ $secret }}, key: password }
{{- if $postgres.host }}
- name: EARTHCODE_DATABASE_URL
  value: "postgresql://{{ $postgres.host }}:{{ $postgres.port | int64 }}/{{ $database.name }}"
{{- else }}
{{- range $variable, $key := dict "PGHOST" "host" "PGPORT" "port" "PGDATABASE" "dbname" }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef: { name: {{ $secret }}, key: {{ $key }} }
{{- end }}
- name: EARTHCODE_DATABASE_URL
  value: "postgresql://$(PGHOST):$(PGPORT)/$(PGDATABASE)"
{{- end }}
{{- end }}
{{- end }}

{{- define "earthcode.gatewayEnv" -}}
{{- $gateway := .root.Values.gateway -}}
{{- with $gateway.trustedProxies }}
- name: EARTHCODE_TRUSTED_PROXIES
  value: {{ toJson . | quote }}
{{- end }}
{{- with $gateway.issuers }}
{{- if .existingSecret }}
- name: EARTHCODE_ISSUERS
  valueFrom:
    secretKeyRef: { name: {{ .existingSecret }}, key: {{ .key }} }
{{- end }}
{{- end }}
- name: EARTHCODE_SIGNING_KEYS_FILE
  value: {{ ternary "/etc/earthcode/gateway/signing-keys.json" "/tmp/signing-keys.json" (ne $gateway.signingKeys.existingSecret "") }}
{{- end }}

{{- define "earthcode.reproducerEnv" -}}
- name: EARTHCODE_RESULTS_DIR
  value: /var/lib/earthcode/results
{{- if include "earthcode.platformsSource" . }}
- name: EARTHCODE_PLATFORMS_FILE
  value: /etc/earthcode/platforms/platforms.json
{{- end }}
{{- end }}

{{/* Combinations that render but cannot work, or not safely, are refused here. */}}
{{- define "earthcode.checks" -}}
{{- $values := .Values }}
{{- if eq $values.environment "production" }}
{{- include "earthcode.productionChecks" . }}
{{- end }}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) }}
{{- fail "httpRoute.enabled needs httpRoute.parentRefs: the Gateway that the route hangs on" }}
{{- end }}
{{- if and $values.reproducer.platforms $values.reproducer.platformsSecret.existingSecret }}
{{- fail "set reproducer.platforms or reproducer.platformsSecret.existingSecret, not both" }}
{{- end }}
{{- range $name, $facts := include "earthcode.services" . | fromYaml }}
{{- include "earthcode.serviceChecks" (dict "root" $ "name" $name "facts" $facts) }}
{{- end }}
{{- include "earthcode.budgetCheck" . }}
{{- end }}

{{- define "earthcode.productionChecks" -}}
{{- $values := .Values }}
{{- if not (hasPrefix "https://" $values.publicUrl) }}
{{- fail (printf "environment production needs an https publicUrl, not %s" $values.publicUrl) }}
{{- end }}
{{- range $path, $secret := dict "nats" $values.nats "pageTokens" $values.pageTokens "gateway.signingKeys" $values.gateway.signingKeys }}
{{- if not $secret.existingSecret }}
{{- fail (printf "environment production needs %s.existingSecret" $path) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "earthcode.serviceChecks" -}}
{{- $config := include "earthcode.config" . | fromYaml }}
{{- $scaling := $config.autoscaling }}
{{- if and $scaling.enabled (gt (int64 $scaling.minReplicas) (int64 $scaling.maxReplicas)) }}
{{- fail (printf "%s: autoscaling.minReplicas %v is more than maxReplicas %v" .name $scaling.minReplicas $scaling.maxReplicas) }}
{{- end }}
{{- if not $config.database.existingSecret }}
{{- fail (printf "%s: database.existingSecret is empty; no service runs without its database" .name) }}
{{- end }}
{{- if not (or $config.database.name $config.database.urlKey) }}
{{- fail (printf "%s: database.name is empty" .name) }}
{{- end }}
{{- $image := include "earthcode.image" (dict "root" .root "name" .name "config" $config) }}
{{- if and (eq .root.Values.environment "production") (hasSuffix ":latest" $image) }}
{{- fail (printf "%s: the tag latest names no version, so no migration would run for the next one; give a tag or a digest" $image) }}
{{- end }}
{{- if and (eq .name "auth-gateway") (not .root.Values.gateway.signingKeys.existingSecret) (or $scaling.enabled (gt (int64 $config.replicas) 1)) }}
{{- fail "auth-gateway: several replicas must sign with the same keys; set gateway.signingKeys.existingSecret" }}
{{- end }}
{{- $ours := list }}
{{- range include "earthcode.env" (merge (dict "config" $config "component" "worker" "nats" .name) .) | fromYamlArray }}
{{- $ours = append $ours .name }}
{{- end }}
{{- range $config.extraEnv }}
{{- if has .name $ours }}
{{- fail (printf "%s: extraEnv repeats %s, which this chart sets from its own values" $.name .name) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Connections to PostgreSQL at worst: every replica, and one more of each Deployment while it is
rolled out. A pool of n opens up to 3n (as many again in overflow, as many for single reads); a
worker holds two more, to listen.
*/}}
{{- define "earthcode.connections" -}}
{{- $total := 1 }}
{{- range $name, $facts := include "earthcode.services" . | fromYaml }}
{{- $config := include "earthcode.config" (dict "root" $ "name" $name) | fromYaml }}
{{- $replicas := ternary $config.autoscaling.maxReplicas $config.replicas $config.autoscaling.enabled | int64 }}
{{- $total = add $total (mul (add $replicas 1) 3 (int64 $config.poolSize)) }}
{{- if $facts.worker }}
{{- $worker := include "earthcode.workerConfig" (dict "root" $ "name" $name) | fromYaml }}
{{- $total = add $total (mul (add (int64 $worker.replicas) 1) (add 2 (mul 3 (int64 $worker.poolSize)))) }}
{{- end }}
{{- end }}
{{- $total }}
{{- end }}

{{- define "earthcode.budgetCheck" -}}
{{- $postgres := .Values.postgres }}
{{- $needed := include "earthcode.connections" . | int64 }}
{{- $allowed := sub (int64 $postgres.maxConnections) (int64 $postgres.reservedConnections) }}
{{- if and (gt (int64 $postgres.maxConnections) 0) (gt $needed $allowed) }}
{{- fail (printf "these replicas and pools may open %d connections, and PostgreSQL has %d for them (postgres.maxConnections %d - reservedConnections %d): lower poolSize or replicas, or raise max_connections there and postgres.maxConnections here" $needed $allowed (int64 $postgres.maxConnections) (int64 $postgres.reservedConnections)) }}
{{- end }}
{{- end }}

{{/* Volumes and their mounts, one place per pair. Input as of earthcode.env. */}}
{{- define "earthcode.volumes" -}}
{{- $values := .root.Values -}}
- name: tmp
  emptyDir: { sizeLimit: {{ .config.tmpSize }} }
{{- with $values.postgres.ca.existingSecret }}
- name: postgres-ca
  secret: { secretName: {{ . }}, items: [{ key: {{ $values.postgres.ca.key }}, path: ca.crt }] }
{{- end }}
{{- if and .nats $values.nats.existingSecret }}
- name: nats
  secret:
    secretName: {{ $values.nats.existingSecret }}
    defaultMode: 0440
    items: [{ key: {{ .nats }}.seed, path: seed }]
{{- end }}
{{- if and (eq .name "auth-gateway") (ne .component "migration") $values.gateway.signingKeys.existingSecret }}
- name: signing-keys
  secret:
    secretName: {{ $values.gateway.signingKeys.existingSecret }}
    defaultMode: 0440
    items: [{ key: {{ $values.gateway.signingKeys.key }}, path: signing-keys.json }]
{{- end }}
{{- if and (eq .name "reproducer") (ne .component "migration") }}
- name: results
  persistentVolumeClaim:
    claimName: {{ $values.reproducer.results.existingClaim | default (printf "%s-results" (include "earthcode.fullname" .root)) }}
{{- with include "earthcode.platformsSource" . }}
- name: platforms
  {{- . | nindent 2 }}
{{- end }}
{{- end }}
{{- with .config.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "earthcode.volumeMounts" -}}
{{- $values := .root.Values -}}
- { name: tmp, mountPath: /tmp }
{{- if $values.postgres.ca.existingSecret }}
- { name: postgres-ca, mountPath: /etc/earthcode/postgres, readOnly: true }
{{- end }}
{{- if and .nats $values.nats.existingSecret }}
- { name: nats, mountPath: /etc/earthcode/nats, readOnly: true }
{{- end }}
{{- if and (eq .name "auth-gateway") (ne .component "migration") $values.gateway.signingKeys.existingSecret }}
- { name: signing-keys, mountPath: /etc/earthcode/gateway, readOnly: true }
{{- end }}
{{- if and (eq .name "reproducer") (ne .component "migration") }}
- { name: results, mountPath: /var/lib/earthcode/results }
{{- if include "earthcode.platformsSource" . }}
- { name: platforms, mountPath: /etc/earthcode/platforms, readOnly: true }
{{- end }}
{{- end }}
{{- with .config.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Where platforms.json comes from: a Secret, the ConfigMap of `reproducer.platforms`, or nowhere. */}}
{{- define "earthcode.platformsSource" -}}
{{- with .root.Values.reproducer }}
{{- if .platformsSecret.existingSecret -}}
secret: { secretName: {{ .platformsSecret.existingSecret }}, defaultMode: 0440, items: [{ key: {{ .platformsSecret.key }}, path: platforms.json }] }
{{- else if .platforms -}}
configMap: { name: {{ include "earthcode.fullname" $.root }}-platforms }
{{- end }}
{{- end }}
{{- end }}

{{/*
The services migrate one after the other, each with its own image and its own database's
credentials; then the streams are set up with the operator's. All of it can be repeated.
*/}}
{{- define "earthcode.migrationPod" -}}
{{- $root := . }}
{{- $migrations := .Values.migrations }}
{{- $extra := pick $migrations "extraEnv" "extraVolumes" "extraVolumeMounts" }}
{{- $publisher := include "earthcode.config" (dict "root" . "name" "publisher") | fromYaml }}
{{- $config := merge (dict "image" $publisher.image "tmpSize" "64Mi") $extra }}
{{- $streams := dict "root" . "name" "publisher" "component" "migration" "nats" "operator" "config" $config -}}
metadata:
  labels:
    {{- include "earthcode.labels" (dict "root" . "name" "migration" "component" "migration") | nindent 4 }}
spec:
  {{- include "earthcode.podSpec" . | nindent 2 }}
  serviceAccountName: {{ include "earthcode.fullname" . }}-migration
  restartPolicy: Never
  {{- with $migrations.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $migrations.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  initContainers:
    {{- range $name, $facts := include "earthcode.services" . | fromYaml }}
    {{- $config := include "earthcode.config" (dict "root" $root "name" $name) | fromYaml }}
    {{- $config = merge (pick $config "image" "database" "poolSize") $extra }}
    - name: {{ $name }}
      {{- include "earthcode.container" (dict "root" $root "name" $name "component" "migration" "nats" "" "config" $config) | nindent 6 }}
      command: [python, -m, {{ $facts.package }}, migrate]
      resources: {{- toYaml $migrations.resources | nindent 8 }}
    {{- end }}
  containers:
    - name: streams
      {{- include "earthcode.container" $streams | nindent 6 }}
      command: [python, -m, earthcode_common.streams, setup]
      args: [--replicas, {{ .Values.nats.streamReplicas | int64 | quote }}]
      resources: {{- toYaml $migrations.resources | nindent 8 }}
  volumes:
    {{- include "earthcode.volumes" $streams | nindent 4 }}
{{- end }}

{{/*
The pod of a Deployment. Input: root, name, facts, config (already that of the worker), component
("api" or "worker"), nats.
*/}}
{{- define "earthcode.podTemplate" -}}
{{- $values := .root.Values -}}
metadata:
  labels:
    {{- include "earthcode.labels" . | nindent 4 }}
    {{- with .config.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- $annotations := deepCopy .config.podAnnotations }}
  {{- if and (eq .name "reproducer") $values.reproducer.platforms }}
  {{- $_ := set $annotations "checksum/platforms" (toJson $values.reproducer.platforms | sha256sum) }}
  {{- end }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- include "earthcode.podSpec" .root | nindent 2 }}
  serviceAccountName: {{ include "earthcode.fullname" .root }}-{{ .name }}
  terminationGracePeriodSeconds: {{ .config.terminationGracePeriodSeconds | int64 }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "earthcode.selector" $ | nindent 10 }}
    {{- end }}
  {{- with .config.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .config.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .config.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "earthcode.affinity" . | fromYaml }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  initContainers:
    # No pod serves before the migration Job has brought the schema to this image's version.
    - name: schema
      {{- include "earthcode.container" . | nindent 6 }}
      command: [python, -m, {{ .facts.package }}, check, --wait, "300"]
      resources: {{- toYaml .config.resources | nindent 8 }}
  containers:
    - name: {{ .name }}
      {{- include "earthcode.container" . | nindent 6 }}
      command: [python, -m, {{ .facts.package }}, {{ ternary "work" "serve" (eq .component "worker") }}]
      args: [--host, {{ $values.listenAddress | quote }}, --port, "8000"]
      ports: [{ name: http, containerPort: 8000 }]
      startupProbe:
        httpGet: { path: /livez, port: http }
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /livez, port: http }
        periodSeconds: 10
        timeoutSeconds: 5
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 5
        timeoutSeconds: 5
      lifecycle:
        # The address is taken out of load balancing while the process still answers.
        preStop:
          {{- if semverCompare ">=1.30-0" .root.Capabilities.KubeVersion.Version }}
          sleep: { seconds: 5 }
          {{- else }}
          exec: { command: [python, -c, "import time; time.sleep(5)"] }
          {{- end }}
      resources: {{- toYaml .config.resources | nindent 8 }}
  volumes:
    {{- include "earthcode.volumes" . | nindent 4 }}
{{- end }}

{{/* What the pods of services and of the migration have in common. */}}
{{- define "earthcode.podSpec" -}}
automountServiceAccountToken: false
# Else every Service of the namespace adds EARTHCODE_..._PORT and the like to the environment.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  seccompProfile: { type: RuntimeDefault }
  {{- with .Values.podSecurityContext }}{{ toYaml . | nindent 2 }}{{ end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What every container has in common. */}}
{{- define "earthcode.container" -}}
image: {{ include "earthcode.image" . | quote }}
imagePullPolicy: {{ (.config.image).pullPolicy | default .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
env:
  {{- include "earthcode.env" . | nindent 2 }}
  {{- with .config.extraEnv }}{{ toYaml . | nindent 2 }}{{ end }}
{{- with .config.extraEnvFrom }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  {{- include "earthcode.volumeMounts" . | nindent 2 }}
{{- end }}

{{/* A volume that one node at a time may mount keeps all pods of the reproducer on that node. */}}
{{- define "earthcode.affinity" -}}
{{- $results := .root.Values.reproducer.results }}
{{- if .config.affinity }}
{{- toYaml .config.affinity }}
{{- else if and (eq .name "reproducer") (eq $results.accessMode "ReadWriteOnce") }}
podAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels:
          app.kubernetes.io/name: reproducer
          app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}
{{- end }}

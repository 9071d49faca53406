{{/* A Deployment and its PodDisruptionBudget. Input as of earthcode.podTemplate. */}}
{{- define "earthcode.deployment" -}}
{{- $resource := printf "%s-%s" (include "earthcode.fullname" .root) .name }}
{{- if eq .component "worker" }}{{ $resource = printf "%s-worker" $resource }}{{ end }}
{{- $scaled := dig "autoscaling" "enabled" false .config }}
{{- $atLeast := ternary (dig "autoscaling" "minReplicas" 1 .config) .config.replicas $scaled | int64 }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $resource }}
  labels: {{- include "earthcode.labels" . | nindent 4 }}
spec:
  {{- if not $scaled }}
  replicas: {{ .config.replicas | int64 }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels: {{- include "earthcode.selector" . | nindent 6 }}
  template:
    {{- include "earthcode.podTemplate" . | nindent 4 }}
{{- if gt $atLeast 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $resource }}
  labels: {{- include "earthcode.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "earthcode.selector" . | nindent 6 }}
{{- end }}
{{- end }}

{{/* At most 40 characters, so that "-catalog-api-worker" and the migration's digest still fit. */}}
{{- define "earthcode.fullname" -}}
{{- $name := .Values.fullnameOverride }}
{{- if not $name }}
{{- $name = ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) }}
{{- end }}
{{- $name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Of every pod of the release; nothing else in the namespace has them. */}}
{{- define "earthcode.releaseLabels" -}}
app.kubernetes.io/part-of: earthcode
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What a Deployment selects by: never change, selectors are immutable. */}}
{{- define "earthcode.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "earthcode.labels" -}}
{{ include "earthcode.selector" . }}
app.kubernetes.io/part-of: earthcode
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "earthcode.image" -}}
{{- $image := mergeOverwrite (deepCopy .root.Values.image) (.config.image | default dict) }}
{{- $repository := $image.repository | default (printf "%s/%s" $image.prefix .name) }}
{{- with $image.registry }}{{ . }}/{{ end }}{{ $repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "earthcode.url" -}}
http://{{ include "earthcode.fullname" .root }}-{{ .name }}:8000
{{- end }}

{{- define "earthcode.publicHost" -}}
{{- (urlParse .Values.publicUrl).host | splitList ":" | first }}
{{- end }}

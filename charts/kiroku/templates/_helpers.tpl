{{- define "kiroku.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "kiroku.fullname" -}}
{{- $name := include "kiroku.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "kiroku.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: kiroku
{{ include "kiroku.selector" . }}
{{- end }}

{{- define "kiroku.selector" -}}
app.kubernetes.io/name: {{ include "kiroku.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kiroku.agentSelector" -}}
{{ include "kiroku.selector" . }}
app.kubernetes.io/component: agent
{{- end }}

{{- define "kiroku.collectorSelector" -}}
{{ include "kiroku.selector" . }}
app.kubernetes.io/component: collector
{{- end }}

{{- define "kiroku.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{- define "kiroku.collectorHost" -}}
{{ include "kiroku.fullname" . }}-collector.{{ .Release.Namespace }}.svc
{{- end }}

{{- /* Every name under which the collector is asked, as a list in JSON. */ -}}
{{- define "kiroku.collectorNames" -}}
{{- $host := include "kiroku.collectorHost" . }}
{{- $short := printf "%s-collector" (include "kiroku.fullname" .) }}
{{- concat (list $host (printf "%s.%s" $host .Values.clusterDomain) $short (printf "%s.%s" $short .Release.Namespace) "localhost") .Values.collector.names | toJson }}
{{- end }}

{{- define "kiroku.collectorSecret" -}}
{{- if eq .Values.tls.source "secrets" }}
{{- required "tls.source is secrets: tls.secrets.collector must name a Secret" .Values.tls.secrets.collector }}
{{- else }}
{{- include "kiroku.fullname" . }}-collector-tls
{{- end }}
{{- end }}

{{- /* Empty if every agent has a certificate of its own. */ -}}
{{- define "kiroku.sharedCertificate" -}}
{{- if eq .Values.enrolment.by "none" }}shared{{ end }}
{{- end }}

{{- define "kiroku.agentSecret" -}}
{{- if eq .Values.tls.source "secrets" }}
{{- required "tls.source is secrets: tls.secrets.agent must name a Secret" .Values.tls.secrets.agent }}
{{- else }}
{{- include "kiroku.fullname" . }}-agent-tls
{{- end }}
{{- end }}

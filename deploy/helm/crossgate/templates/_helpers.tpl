{{- define "crossgate.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "crossgate.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "crossgate.labels" -}}
{{ include "crossgate.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{- define "crossgate.configuration" -}}
{{- if .Values.configurationText -}}
{{- .Values.configurationText -}}
{{- else -}}
{{- $configuration := deepCopy .Values.configuration -}}
{{- if .Values.metrics.enabled -}}
{{- $listen := dict "listen" (printf "0.0.0.0:%d" (int .Values.metrics.port)) -}}
{{- $configuration = mergeOverwrite $configuration (dict "extra_config" (dict "crossgate/metrics" $listen)) -}}
{{- end -}}
{{- toPrettyJson $configuration -}}
{{- end -}}
{{- end -}}

{{- /* The services as the workspace declares them: `make contracts` writes services.yaml. */}}
{{- define "solidary.services" -}}
{{ .Files.Get "services.yaml" }}
{{- end }}

{{- /* One kind of process of a service: the values of the kind with those of the service over them. */}}
{{- define "solidary.process" -}}
{{- $own := dig .service .kind (dict) .root.Values.services }}
{{- mergeOverwrite (deepCopy (get .root.Values .kind)) $own | toYaml }}
{{- end }}

{{- define "solidary.selector" -}}
app.kubernetes.io/name: solidary
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "solidary.labels" -}}
{{ include "solidary.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "solidary.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .version }}
{{- end }}
{{- end }}

{{- /* A pod without a token of the cluster, whose processes are no root and get no further rights. */}}
{{- define "solidary.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* Replicas on different nodes, where there are several. */}}
{{- define "solidary.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "solidary.selector" . | nindent 8 }}
{{- end }}

{{- define "solidary.sealed" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- /* The container of a process of a service, with the settings of that process and no other. */}}
{{- define "solidary.container" -}}
image: {{ include "solidary.image" (dict "image" .root.Values.image "version" .root.Chart.AppVersion) }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{ include "solidary.sealed" . }}
resources: {{- toYaml .process.resources | nindent 2 }}
env:
  {{- if has .kind (list "worker" "relay") }}
  - name: SOLIDARY_HEARTBEAT
    value: /tmp/alive
  {{- end }}
  - name: PYTHONDONTWRITEBYTECODE
    value: "1"
  {{- with .root.Values.telemetry.otlp }}
  - name: OTEL_EXPORTER_OTLP_ENDPOINT
    value: {{ . | quote }}
  {{- end }}
  {{- range $name, $value := .root.Values.environment }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
volumeMounts:
  - { name: settings, mountPath: /settings, readOnly: true }
  - { name: tmp, mountPath: /tmp }
{{- end }}

{{- define "solidary.volumes" -}}
volumes:
  - name: settings
    secret:
      secretName: {{ .root.Values.secrets.prefix }}-{{ .service }}-{{ .kind }}
      defaultMode: 0440
  - name: tmp
    emptyDir: { sizeLimit: 1Gi }
{{- end }}

{{- /* The probes of a process without an API: it touches its file every ten seconds. */}}
{{- define "solidary.heartbeat" -}}
livenessProbe:
  exec:
    command: [sh, -c, 'test -n "$(find /tmp/alive -mmin -1)"']
  initialDelaySeconds: 60
  periodSeconds: 30
  timeoutSeconds: 5
  failureThreshold: 3
{{- end }}

{{- define "solidary.budget" -}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .component }}
  labels: {{- include "solidary.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "solidary.selector" . | nindent 6 }}
{{- end }}
